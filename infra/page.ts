import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/**
 * Bundles the browser program: `page.js`, one script with all it needs, and `page.css`.
 * @param root the folder of the sources
 */
export async function buildPage(root: string, outdir: string): Promise<void> {
  const options: BuildOptions = {
    entryPoints: { page: join(root, 'page/index.tsx'), style: join(root, 'page/style.css') },
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
