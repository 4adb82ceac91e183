import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PageAssets } from '../../core/report/html.ts'

/**
 * Reads what the HTML report brings along. The page's own files lie in `core/report/page` beside the code, in the sources as in `dist`
 * (the build copies them); uPlot's come from its package.
 */
export async function readPageAssets(): Promise<PageAssets> {
  const page = fileURLToPath(new URL('../../core/report/page/', import.meta.url))
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'))
  const [uplotJs, uplotCss, charts, tables, pageCss] = await Promise.all([
    readFile(join(uplot, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(uplot, 'uPlot.min.css'), 'utf8'),
    readFile(join(page, 'charts.js'), 'utf8'),
    readFile(join(page, 'tables.js'), 'utf8'),
    readFile(join(page, 'page.css'), 'utf8'),
  ])
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
  return { uplotJs, uplotCss, pageJs: charts + tables, pageCss, sha256 }
}
