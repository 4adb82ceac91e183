import type { JSX } from 'preact'
import { type Figure, badCount, count } from '../../core/report/figures.ts'
import type { ErrorEntry } from '../../core/report/entries/report-entries.ts'
import type { Report } from '../../core/report/report.ts'
import { errorKey } from '../../core/report/series.ts'
import { counted, instant, moment } from '../../core/words.ts'
import { RequestName, Section } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import type { Span } from '../model/span.ts'
import { Table } from '../table.tsx'

/** Shows each failure with its count, times and examples. Shows the exceptions of the scenario's own code below the failures. */
export function Failures({ model, span }: { model: RunModel; span: Span | null }): JSX.Element {
  const { exceptions } = model.report
  return (
    <Section id="failures" title="Failures">
      <FailureTable model={model} span={span} />
      <Unlisted report={model.report} />
      {exceptions.length > 0 && (
        <>
          <h3>
            Exceptions in the scenario <span class="hint">whole run</span>
          </h3>
          <Table
            caption="Exceptions in the scenario"
            rows={exceptions}
            keyOf={({ message }) => message}
            columns={[
              {
                key: 'message',
                title: 'Exception',
                text: ({ message }) => message,
                cell: ({ message, stack }) => (
                  <details>
                    <summary>
                      <bdi>{message}</bdi>
                    </summary>
                    <pre>{stack === '' ? 'no stack' : stack}</pre>
                  </details>
                ),
              },
              { key: 'count', title: 'Count', number: ({ count }) => badCount(count) },
            ]}
          />
        </>
      )}
    </Section>
  )
}

/** Shows how many failures are missing from the list. The list has a maximum length, but the table of names includes all failures. */
function Unlisted({ report: { errors, totals } }: { report: Report }): JSX.Element | null {
  const more = totals.failures - errors.reduce((sum, { count }) => sum + count, 0)
  if (errors.length === 0 || more <= 0) return null
  return (
    <p class="hint">
      {counted(more, 'failed request')} of rarer kinds {more === 1 ? 'is' : 'are'} not listed.
    </p>
  )
}

interface Shown {
  entry: ErrorEntry
  count: number
  at: ReadonlyMap<number, number>
}

interface FailureTableProps {
  model: RunModel
  span: Span | null
  /** If set, only the failures of this name are shown. */
  only?: { method: string; name: string }
}

export function FailureTable({ model, span, only }: FailureTableProps): JSX.Element {
  const { report, series, buckets } = model
  const rows = report.errors.flatMap((entry, place): Shown[] => {
    if (only && (entry.method !== only.method || entry.name !== only.name)) return []
    const at = series.errors[place] ?? new Map<number, number>()
    const count = span ? countIn(at, span) : entry.count
    return count > 0 ? [{ entry, count, at }] : []
  })
  if (rows.length === 0) return <p class="calm">No request failed{span ? ' in the selected span' : ''}.</p>
  return (
    <Table
      caption={only ? 'Failures of this name' : 'Failed requests'}
      rows={rows.toSorted((a, b) => b.count - a.count)}
      keyOf={({ entry }) => errorKey(entry)}
      columns={[
        ...(only
          ? []
          : [
              {
                key: 'name',
                title: 'Name',
                text: (row: Shown) => row.entry.name,
                cell: (row: Shown) => <RequestName method={row.entry.method} name={row.entry.name} />,
              },
            ]),
        { key: 'kind', title: 'Kind', text: ({ entry }) => entry.kind },
        {
          key: 'message',
          title: 'What happened',
          text: ({ entry }) => entry.message,
          cell: ({ entry }) => <Described entry={entry} />,
        },
        { key: 'count', title: 'Count', number: (row) => count(row.count) },
        { key: 'first', title: 'First', number: ({ entry }) => when(model, entry.firstAt) },
        { key: 'last', title: 'Last', number: ({ entry }) => when(model, entry.lastAt) },
        { key: 'time', title: 'Over time', cell: ({ at }) => <Ticks at={at} buckets={buckets} /> },
      ]}
    />
  )
}

function countIn(at: ReadonlyMap<number, number>, { from, to }: Span): number {
  return [...at].reduce((sum, [place, count]) => (place >= from && place < to ? sum + count : sum), 0)
}

function when({ report }: RunModel, at: number): Figure {
  return { text: moment((at - report.run.startedAt) / 1000), exact: instant(at), value: at }
}

/** Shows a small time axis with a mark for each bucket in which the failure occurred. */
function Ticks({ at, buckets }: { at: ReadonlyMap<number, number>; buckets: number }): JSX.Element {
  const step = 100 / Math.max(1, buckets)
  const path = [...at.keys()].map((place) => `M${((place + 0.5) * step).toFixed(2)} 2v16`).join('')
  return (
    <svg
      class="spark bad"
      viewBox="0 0 100 20"
      preserveAspectRatio="none"
      role="img"
      aria-label={`in ${at.size} of ${buckets} intervals of the run`}
    >
      <path d={path} />
    </svg>
  )
}

function Described({ entry }: { entry: ErrorEntry }): JSX.Element {
  if (entry.exemplars.length === 0) return <bdi>{entry.message}</bdi>
  return (
    <details>
      <summary>
        <bdi>{entry.message}</bdi>
      </summary>
      <ol class="exemplars">
        {entry.exemplars.map(({ url, status, user, at, body, traceId }) => (
          <li>
            <bdi>{url}</bdi>{' '}
            <span class="hint">
              {status === 0 ? 'no response' : `status ${status}`}, user {user}, {instant(at)}
              {traceId !== undefined && <>, trace {traceId}</>}
            </span>
            {body !== undefined && body !== '' && <pre>{body}</pre>}
          </li>
        ))}
      </ol>
    </details>
  )
}
