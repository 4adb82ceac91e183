import { type Figure, badCount, count, ms, rate } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { Report } from '../report.ts'
import type { ThresholdEntry } from '../../verdict/results.ts'
import { table } from '../table.ts'
import { timed } from './requests.ts'

/** What the run was to show: thresholds and checks. */
export function goals(report: Report): Markup {
  return html`<section id="thresholds" class="pair">
    <div>
      <h2>Thresholds</h2>
      ${report.thresholds.length === 0 ? html`<p class="calm">The scenario sets none.</p>` : thresholds(report.thresholds)}
    </div>
    <div>
      <h2>Checks</h2>
      ${report.checks.length === 0 ? html`<p class="calm">The scenario makes none.</p>` : checks(report)}
    </div>
  </section>`
}

function thresholds(rows: readonly ThresholdEntry[]): Markup {
  return table<ThresholdEntry>({
    caption: 'Thresholds',
    rows,
    columns: [
      {
        title: 'Threshold',
        kind: 'name',
        cell: (it) =>
          html`<code>${it.expression}</code>${it.note !== null && html` <span class="hint">${it.note}</span>`}`,
      },
      { title: 'Measured', kind: 'number', cell: measured },
      {
        title: 'Held',
        kind: 'text',
        cell: (it) => (it.passed ? html`✓ yes` : html`<strong class="alert">✗ no</strong>`),
      },
    ],
  })
}

function measured({ value, unit, passed }: ThresholdEntry): Figure {
  if (value === null) return { text: 'not measured', exact: 'there was nothing to measure', value }
  if (unit === 'ms') return { ...ms(value), alert: !passed }
  const text = unit === '/s' ? `${rate(value).text}/s` : `${Number(value.toPrecision(4))}\u00a0${unit}`
  return { text, exact: `${value} ${unit}`, value, alert: !passed }
}

function checks(report: Report): Markup {
  return table<Report['checks'][number]>({
    caption: 'Checks',
    rows: report.checks,
    columns: [
      { title: 'Check', kind: 'name', cell: (it) => it.name },
      { title: 'Passed', kind: 'number', cell: (it) => count(it.passed) },
      { title: 'Failed', kind: 'number', cell: (it) => badCount(it.failed) },
    ],
  })
}

/** What users did: iterations of each task, steps of a journey, and what the scenario recorded itself. */
export function journeys(report: Report): Markup {
  return html`<section id="journeys">
    <h2>Iterations</h2>
    ${table<Report['iterations'][number]>({
      caption: 'Iterations by task',
      rows: report.iterations,
      columns: [
        {
          title: 'Task',
          kind: 'name',
          cell: (it) => html`<span class="method">${it.class}</span> <bdi>${it.task}</bdi>`,
        },
        ...timed<Report['iterations'][number]>({
          count: (it) => it.count,
          failed: (it) => it.failed,
          spread: (it) => it.durationMs,
        }),
      ],
    })}
    ${report.steps.length > 0 && steps(report)} ${report.metrics.length > 0 && metrics(report)}
  </section>`
}

function steps(report: Report): Markup {
  return html`<h3>Steps</h3>
    ${table<Report['steps'][number]>({
      caption: 'Steps',
      rows: report.steps,
      columns: [
        { title: 'Step', kind: 'name', cell: (it) => it.name },
        ...timed<Report['steps'][number]>({
          count: (it) => it.count,
          failed: (it) => it.failed,
          spread: (it) => it.durationMs,
        }),
      ],
    })}`
}

function metrics(report: Report): Markup {
  return html`<h3>Recorded by the scenario</h3>
    ${table<Report['metrics'][number]>({
      caption: 'Recorded by the scenario',
      rows: report.metrics,
      columns: [
        {
          title: 'Name',
          kind: 'name',
          cell: (it) => html`<span class="method">${it.method}</span> <bdi>${it.name}</bdi>`,
        },
        ...timed<Report['metrics'][number]>({
          count: (it) => it.count,
          failed: (it) => it.failures,
          spread: (it) => it.durationMs,
        }),
      ],
    })}`
}
