import type { Report } from '../../core/report/report.ts'
import { levelInWords, whyOfStep } from '../../core/verdict/searched.ts'
import { grouped, milliseconds, moment, percent } from '../../core/words.ts'
import type { Style } from './style.ts'
import { type Column, renderTable } from './table.ts'

const columns: Column[] = [
  { title: 'step' },
  { title: 'from–to' },
  { title: 'requests', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'errors', align: 'right' },
  { title: '' },
  { title: '', flexible: true },
]

/**
 * Returns a table with one line for each step of a search for the highest load, in chronological order. Returns an empty list if the run has no
 * search or no step.
 */
export function renderSearch({ search }: Pick<Report, 'search'>, width: number, style: Style): string[] {
  if (!search || search.steps.length === 0) return []
  const paint = { held: style.green, broke: style.red, unclear: style.yellow }
  const rows = search.steps.map((step) => [
    levelInWords(step.level, { whole: search.unit === 'users' }),
    `${moment(step.fromS)}–${moment(step.toS)}`,
    grouped(step.requests),
    milliseconds(step.p95Ms).replace(' ', ''),
    percent(step.failureShare),
    paint[step.result](step.result),
    whyOfStep(step),
  ])
  return [renderTable(columns, rows, { width, heading: style.dim })]
}
