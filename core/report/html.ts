import { chartData, chartedNames } from './chart-data.ts'
import { type Markup, dataBlock, html, trusted } from './markup.ts'
import type { Report } from './report.ts'
import { evidence } from './sections/evidence.ts'
import { failures } from './sections/failures.ts'
import { goals, journeys } from './sections/goals.ts'
import { charts, head, keyFigures } from './sections/head.ts'
import { load } from './sections/load.ts'
import { requests } from './sections/requests.ts'

/** What the page brings along, as text, and the hash that its content security policy needs. */
export interface PageAssets {
  uplotJs: string
  uplotCss: string
  pageJs: string
  pageCss: string
  /** SHA-256 of a text's UTF-8, in base64. */
  sha256: (text: string) => string
}

/**
 * The report as one HTML file that asks nobody for anything. Words and tables stand in it; its script only draws the charts and sorts.
 * Only the styles and scripts given here run in it.
 */
export function renderHtml(report: Report, assets: PageAssets): string {
  const styles = [assets.uplotCss, assets.pageCss].map(unixLines)
  const scripts = [assets.uplotJs, assets.pageJs].map(unixLines)
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(styles, scripts, assets.sha256)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="burst" />
        <title>${titleWord[report.verdict.result]} ${report.run.name} – burst</title>
        ${styles.map((style) => element('style', style))}
      </head>
      <body>
        <main>${body(report)}</main>
        <footer>burst · run <bdi>${report.run.id}</bdi> · report version ${report.schemaVersion}</footer>
        <script type="application/json" id="chart-data">
          ${dataBlock(chartData(report))}
        </script>
        ${scripts.map((script) => element('script', script))}
      </body>
    </html>`
  return `${markup}\n`
}

const titleWord = { passed: '✓', failed: '✗', inconclusive: '?', unjudged: '•' }

function body(report: Report): Markup[] {
  const sections = [requests, failures, goals, journeys, load, evidence]
  return [
    head(report),
    keyFigures(report),
    charts(chartedNames(report), report),
    ...sections.map((section) => section(report)),
  ]
}

function policy(styles: readonly string[], scripts: readonly string[], sha256: PageAssets['sha256']): string {
  const sources = (texts: readonly string[]): string => texts.map((text) => `'sha256-${sha256(text)}'`).join(' ')
  return `default-src 'none'; script-src ${sources(scripts)}; style-src ${sources(styles)}; base-uri 'none'; form-action 'none'`
}

/** Not a template: the policy's hashes hold for the text as it is, and a formatter would lay a template out anew. */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`)
}

/** Browsers read line ends so, and hash what they read. */
function unixLines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}
