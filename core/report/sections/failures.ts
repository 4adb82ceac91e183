import { type Figure, badCount, instant, plural } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { ErrorEntry, Report } from '../report.ts'
import { table } from '../table.ts'
import { moment } from '../../words.ts'

/** What failed, how often, and a few examples of each to look at; then what the scenario itself threw. */
export function failures(report: Report): Markup {
  return html`<section id="failures">
    <h2>Failures</h2>
    ${report.errors.length === 0 ? html`<p class="calm">No request failed.</p>` : failureTable(report)}
    ${unlisted(report)} ${report.exceptions.length > 0 && exceptions(report)}
  </section>`
}

/** The list has an end; the counts in the rows do not. */
function unlisted({ errors, totals }: Report): Markup {
  const more = totals.failures - errors.reduce((sum, { count }) => sum + count, 0)
  if (errors.length === 0 || more <= 0) return html``
  return html`<p class="hint">
    ${plural(more, 'failed request')} of rarer kinds ${more === 1 ? 'is' : 'are'} not listed.
  </p>`
}

function failureTable(report: Report): Markup {
  return table<ErrorEntry>({
    caption: 'Failed requests',
    rows: report.errors.toSorted((a, b) => b.count - a.count),
    sortedBy: 'Count',
    columns: [
      { title: 'Name', kind: 'name', cell: (e) => html`<span class="method">${e.method}</span> <bdi>${e.name}</bdi>` },
      { title: 'Kind', kind: 'text', cell: (e) => e.kind },
      { title: 'What happened', kind: 'text', cell: described },
      { title: 'Count', kind: 'number', cell: (e) => badCount(e.count) },
      { title: 'First', kind: 'number', cell: (e) => when(report, e.firstAt) },
      { title: 'Last', kind: 'number', cell: (e) => when(report, e.lastAt) },
    ],
  })
}

function when(report: Report, at: number): Figure {
  return { text: moment((at - report.run.startedAt) / 1000), exact: instant(at), value: at }
}

function described(entry: ErrorEntry): Markup {
  const message = html`<bdi>${entry.message}</bdi>`
  if (entry.exemplars.length === 0) return message
  return html`<details>
    <summary>${message}</summary>
    <ol class="exemplars">
      ${entry.exemplars.map(
        (one) =>
          html`<li>
            <bdi>${one.url}</bdi>
            <span class="hint"
              >${one.status === 0 ? 'no response' : `status ${one.status}`}, user ${one.user}, ${instant(one.at)}</span
            >
            ${one.body !== undefined && one.body !== '' && html`<pre>${one.body}</pre>`}
          </li>`,
      )}
    </ol>
  </details>`
}

function exceptions(report: Report): Markup {
  return html`<h3>Exceptions in the scenario</h3>
    ${table<Report['exceptions'][number]>({
      caption: 'Exceptions in the scenario',
      rows: report.exceptions,
      columns: [
        {
          title: 'Exception',
          kind: 'name',
          cell: (e) =>
            html`<details>
              <summary><bdi>${e.message}</bdi></summary>
              <pre>${e.stack}</pre>
            </details>`,
        },
        { title: 'Count', kind: 'number', cell: (e) => badCount(e.count) },
      ],
    })}`
}
