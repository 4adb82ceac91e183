import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/**
 * Bundles the browser programs. Each program becomes one script with all its imports, and one style sheet: `page.js` and `style.css` of the saved
 * report, `live.js` and `live.css` of `burst ui`.
 * @param root the folder of the sources
 */
export async function buildPage(root: string, outdir: string): Promise<void> {
  const options: BuildOptions = {
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
  }
  await build(options)
}
