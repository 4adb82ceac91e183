import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BuildOptions, type OutputFile, build } from 'esbuild'

/**
 * Bundles the browser programs. Each program becomes one script with all its imports, and one style sheet: `page.js` and `style.css` of the saved
 * report, `live.js` and `live.css` of `burst ui`.
 * @param root the folder of the sources
 */
export async function buildPage(root: string, outdir: string): Promise<void> {
  const options = {
    entryPoints: [
      { in: join(root, 'page/index.tsx'), out: 'page' },
      { in: join(root, 'page/style.css'), out: 'style' },
      { in: join(root, 'page/live/index.tsx'), out: 'live' },
      { in: join(root, 'page/live/live.css'), out: 'live' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
  } satisfies BuildOptions
  const { outputFiles } = await build(options)
  for (const file of outputFiles) writeChanged(file)
}

/** Writes a file only if its content changes, because another process may be reading the file. */
function writeChanged({ path, contents }: OutputFile): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
