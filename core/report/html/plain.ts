import { type Figure, badCount, count, ms, rate, share, unbroken } from '../figures.ts'
import { type Markup, html, visibleName } from './markup.ts'
import type { Report } from '../report.ts'
import type { NamedRow } from '../../verdict/results.ts'
import { counted, instant, span } from '../../words.ts'

const words: Record<Report['verdict']['result'], string> = {
  passed: '✓ Passed',
  failed: '✗ Failed',
  inconclusive: '? Inconclusive',
  unjudged: '• Unjudged',
}

/** Returns the report for a reader without JavaScript: the verdict, the totals, and the table per name. */
export function plainReport(report: Report): Markup {
  const { run, verdict } = report
  return html`<header>
      <div class="title">
        <h1><span class="brand">burst</span><bdi>${run.name}</bdi></h1>
        <p class="facts">
          <bdi>${run.host}</bdi> · ${instant(run.startedAt)} · ${unbroken(span(run.endedAt - run.startedAt))} ·
          ${counted(run.workers, 'worker')}
        </p>
      </div>
      <section class="verdict ${verdict.result}" aria-label="Verdict">
        <p class="word">${words[verdict.result]}</p>
        <ul class="why">
          ${verdict.reasons.map((reason) => html`<li><bdi>${reason}</bdi></li>`)}
        </ul>
      </section>
    </header>
    <section id="requests">
      <h2>Requests</h2>
      ${table(report)}
    </section>`
}

const columns: [title: string, cell: (row: NamedRow) => Figure][] = [
  ['Requests', (row) => count(row.requests)],
  ['per s', (row) => rate(row.rps)],
  ['Failed', (row) => badCount(row.failures)],
  ['Failed, %', (row) => share(row.failureShare)],
  ['p50', (row) => ms(row.latencyMs.p50)],
  ['p95', (row) => ms(row.latencyMs.p95)],
  ['p99', (row) => ms(row.latencyMs.p99)],
  ['Max', (row) => ms(row.latencyMs.max)],
  ['p99 from intent', (row) => ms(row.fromIntentMs.p99)],
]

function table({ totals, requests }: Report): Markup {
  const all: NamedRow = { ...totals, method: '', name: 'All requests', tags: [], tasks: [] }
  return html`<div class="table">
    <table>
      <caption>
        Requests by name
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          ${columns.map(([title]) => html`<th scope="col" class="number">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${[all, ...requests].map(
          (row) =>
            html`<tr>
              <th scope="row">
                <span class="method">${visibleName(row.method)}</span> <bdi>${visibleName(row.name)}</bdi>
              </th>
              ${columns.map(([, cell]) => html`<td class="number">${cell(row).text}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
