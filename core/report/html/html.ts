import { type Markup, dataBlock, html, trusted } from './markup.ts'
import { plainReport } from './plain.ts'
import type { Report } from '../report.ts'

/** The style sheet and the program of the page, as strings, and the hash function for the page's content security policy. */
export interface PageAssets {
  script: string
  style: string
  /** Returns the SHA-256 of a string, encoded as UTF-8. The hash is in base64. */
  sha256: (text: string) => string
}

/**
 * Returns the report as one HTML file that needs no server. The file has three parts: the verdict and the table of names as plain HTML, the report as
 * data, and the program that shows the report. The data does not contain `windows`, because the series contain the same counts. The page's content
 * security policy allows only burst's style sheet and program.
 */
export function renderHtml(report: Report, assets: PageAssets): string {
  const [style, script] = [assets.style, assets.script].map(unixLines) as [string, string]
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(style, script, assets.sha256)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="burst" />
        <title>${titleSign[report.verdict.result]} ${report.run.name} – burst</title>
        ${element('style', style)}
      </head>
      <body>
        <main>${plainReport(report)}</main>
        <footer>burst · run <bdi>${report.run.id}</bdi> · report version ${report.schemaVersion}</footer>
        <noscript><p class="hint">The charts and the other tables need JavaScript.</p></noscript>
        <script type="application/json" id="report">
          ${dataBlock({ ...report, windows: [] })}
        </script>
        ${element('script', script)}
      </body>
    </html>`
  return `${markup}\n`
}

const titleSign: Record<Report['verdict']['result'], string> = {
  passed: '✓',
  failed: '✗',
  inconclusive: '?',
  unjudged: '•',
}

function policy(style: string, script: string, sha256: PageAssets['sha256']): string {
  const only = (text: string): string => `'sha256-${sha256(text)}'`
  return `default-src 'none'; script-src ${only(script)}; style-src ${only(style)}; base-uri 'none'; form-action 'none'`
}

/**
 * Builds an element from plain strings instead of a template. A code formatter could change a template, but the hashes in the content security policy
 * must match the exact strings.
 */
function element(name: 'style' | 'script', text: string): Markup {
  return trusted(`<${name}>${text}</${name}>`)
}

/** Converts line breaks to LF, because browsers compute the hash after the same conversion. */
function unixLines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}
