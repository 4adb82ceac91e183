import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { PageAssets } from '../../core/report/html/html.ts'

/** The folder of the browser program: `dist/page`. The folder is the same whether this code runs from the sources or from `dist`. */
export const builtPage = new URL(
  extname(import.meta.url) === '.ts' ? '../../dist/page/' : '../../page/',
  import.meta.url,
)

/** Reads the files that the HTML report contains. If burst runs from its sources, these files exist only after a build. */
export async function readPageAssets(): Promise<PageAssets> {
  const [script, style] = (await Promise.all(
    ['page.js', 'style.css'].map((file) => readFile(new URL(file, builtPage), 'utf8')),
  )) as [string, string]
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
  return { script, style, sha256 }
}
