import type { JSX } from 'preact'
import { type Figure, badCount, count, ms, unbroken } from '../../../core/report/figures.ts'
import { measuredValue } from '../../../core/thresholds/measured-value.ts'
import type { Report } from '../../../core/report/report.ts'
import type { Spread, ThresholdEntry } from '../../../core/verdict/results.ts'
import { RequestName, Section } from '../../figure.tsx'
import { type Column, Table } from '../../table.tsx'

/** Shows the thresholds and the checks. */
export function Goals({ report }: { report: Report }): JSX.Element {
  return (
    <div class="pair">
      <Section id="thresholds" title="Thresholds">
        {report.thresholds.length === 0 ? (
          <p class="calm">The scenario has no thresholds.</p>
        ) : (
          <Thresholds rows={report.thresholds} />
        )}
      </Section>
      <Section id="checks" title="Checks">
        {report.checks.length === 0 ? (
          <p class="calm">The scenario has no checks.</p>
        ) : (
          <Table
            caption="Checks"
            rows={report.checks}
            keyOf={({ name }) => name}
            columns={[
              { key: 'name', title: 'Check', text: ({ name }) => name },
              { key: 'passed', title: 'Passed', number: ({ passed }) => count(passed) },
              { key: 'failed', title: 'Failed', number: ({ failed }) => badCount(failed) },
            ]}
          />
        )}
      </Section>
    </div>
  )
}

function Thresholds({ rows }: { rows: readonly ThresholdEntry[] }): JSX.Element {
  return (
    <Table
      caption="Thresholds"
      rows={rows}
      keyOf={({ expression }, place) => `${place} ${expression}`}
      columns={[
        {
          key: 'expression',
          title: 'Threshold',
          text: ({ expression }) => expression,
          cell: ({ expression, note }) => (
            <>
              <code>{expression}</code> {note !== null && <span class="hint">{note}</span>}
            </>
          ),
        },
        { key: 'value', title: 'Measured', number: measured },
        {
          key: 'held',
          title: 'Held',
          text: ({ passed }) => String(passed),
          cell: ({ passed }) => (passed ? '✓ yes' : <strong class="alert">✗ no</strong>),
        },
      ]}
    />
  )
}

function measured({ expression, value, unit, passed }: ThresholdEntry): Figure {
  if (value === null) return { text: 'not measured', exact: 'there was no value to measure', value }
  return {
    text: unbroken(measuredValue({ expression, value, unit })),
    exact: `${value} ${unit}`,
    value,
    alert: !passed,
  }
}

interface Timed {
  group: string
  name: string
  count: number
  failed: number
  spread: Spread
}

/** Shows what the users did: the iterations of each task, the steps of journeys, and the recorded samples. */
export function Journeys({ report }: { report: Report }): JSX.Element {
  const tables: [string, Timed[]][] = [
    [
      'Iterations by task',
      report.iterations.map((it) => ({ ...it, group: it.class, name: it.task, spread: it.durationMs })),
    ],
    ['Steps', report.steps.map((it) => ({ ...it, group: '', spread: it.durationMs }))],
    [
      'Recorded by the scenario',
      report.metrics.map((it) => ({ ...it, group: it.method, failed: it.failures, spread: it.durationMs })),
    ],
  ]
  return (
    <Section id="journeys" title="Iterations">
      {tables
        .filter(([, rows]) => rows.length > 0)
        .map(([title, rows], place) => (
          <>
            {place > 0 && <h3>{title}</h3>}
            <Table caption={title} rows={rows} keyOf={({ group, name }) => `${group} ${name}`} columns={timedColumns} />
          </>
        ))}
    </Section>
  )
}

const timedColumns: Column<Timed>[] = [
  {
    key: 'name',
    title: 'Name',
    text: ({ name }) => name,
    cell: ({ group, name }) => <RequestName method={group} name={name} />,
  },
  { key: 'count', title: 'Count', number: (row) => count(row.count) },
  { key: 'failed', title: 'Failed', number: (row) => badCount(row.failed) },
  ...(['mean', 'p50', 'p95', 'p99', 'max'] as const).map((key) => ({
    key,
    title: key === 'max' ? 'Max' : key === 'mean' ? 'Mean' : key,
    number: (row: Timed) => ms(row.spread[key]),
  })),
]
