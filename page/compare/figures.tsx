import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import {
  type Compared,
  type ComparedRow,
  type Comparison,
  type Measure,
  measures,
} from '../../core/compare/compare-reports.ts'
import {
  changeOf,
  differenceText,
  figureText,
  intervalText,
  measureNames,
  relativeText,
  rowName,
  directionOf,
  hasChanged,
} from '../../core/compare/comparison-words.ts'
import type { Figure } from '../../core/report/figures.ts'
import { RequestName } from '../figure.tsx'
import { type Column, Table } from '../table.tsx'
import { Whisker, reachOf } from './whisker.tsx'

const explained: Record<Measure, string> = {
  p50Ms: '50 % of the requests are faster',
  p95Ms: '95 % of the requests are faster',
  p99Ms: '99 % of the requests are faster',
  failureShare: 'failed requests as a share of all requests',
  rps: 'requests completed per second',
}

/** Shows one measure for every request name in both runs. Buttons select the measure. */
export function Figures({ comparison }: { comparison: Comparison }): JSX.Element {
  const [measure, setMeasure] = useState<Measure>('p95Ms')
  const [all, ...names] = comparison.rows
  return (
    <>
      <div class="selection" role="group" aria-label="Compared figure">
        {measures.map((one) => (
          <button type="button" aria-pressed={one === measure} title={explained[one]} onClick={() => setMeasure(one)}>
            {measureNames[one]}
            <Changes comparison={comparison} measure={one} />
          </button>
        ))}
        <span class="hint">{explained[measure]}; the interval is the 95 % confidence interval of the difference</span>
      </div>
      <Table
        caption={`${measureNames[measure]} of both runs`}
        columns={columnsOf(measure, reachOf(comparison.rows, measure))}
        rows={names}
        total={all as ComparedRow}
        keyOf={({ method, name }) => `${method} ${name}`}
      />
    </>
  )
}

/** Shows the number of rows for which this measure changed. The row for all requests counts too. */
function Changes({ comparison, measure }: { comparison: Comparison; measure: Measure }): JSX.Element | null {
  const changed = comparison.rows.filter(({ measures }) => hasChanged(measures[measure])).length
  return changed === 0 ? null : <span class="tally"> {changed} changed</span>
}

function columnsOf(measure: Measure, reach: number): Column<ComparedRow>[] {
  const of = (row: ComparedRow): Compared => row.measures[measure]
  const figure =
    (pick: 'older' | 'newer') =>
    (row: ComparedRow): Figure => {
      const value = of(row)[pick]
      return {
        text: figureText(measure, value),
        exact: value === null ? 'not measured' : exact(measure, value),
        value,
      }
    }
  return [
    { key: 'name', title: 'Name', text: rowName, cell: (row) => <Name row={row} /> },
    { key: 'old', title: 'Old', number: figure('older') },
    { key: 'new', title: 'New', number: figure('newer') },
    { key: 'difference', title: 'Difference', number: (row) => differenceOf(measure, of(row)) },
    { key: 'share', title: 'in %', hint: 'of the old value', number: (row) => relativeOf(of(row)) },
    {
      key: 'judgement',
      title: 'Judgement',
      text: (row) => changeOf(measure, of(row)),
      cell: (row) => <span class={`judgement ${classOf(measure, of(row))}`}>{changeOf(measure, of(row))}</span>,
    },
    {
      key: 'noise',
      title: '95 % interval',
      cell: (row) => (
        <span class="interval">
          <Whisker measure={measure} compared={of(row)} reach={reach} />
          {intervalText(measure, of(row).interval)}
        </span>
      ),
    },
  ]
}

function Name({ row }: { row: ComparedRow }): JSX.Element {
  if (row.method === '' && row.name === '') return <>All requests</>
  return <RequestName method={row.method} name={row.name} />
}

function exact(measure: Measure, value: number): string {
  if (measure === 'failureShare') return `${Number((100 * value).toPrecision(6))} %`
  return `${Number(value.toPrecision(6))}${measure === 'rps' ? ' per second' : ' ms'}`
}

function differenceOf(measure: Measure, compared: Compared): Figure {
  const { difference } = compared
  return {
    alert: directionOf(measure, compared) === 'worse',
    text: differenceText(measure, difference),
    exact: difference === null ? 'the difference could not be computed' : exact(measure, difference),
    value: difference,
  }
}

function relativeOf(compared: Compared): Figure {
  const { older, difference } = compared
  const value = older === null || older === 0 || difference === null ? null : difference / older
  const text = relativeText(compared)
  return { text: text === '' ? '–' : text, exact: text, value }
}

function classOf(measure: Measure, compared: Compared): string {
  const direction = directionOf(measure, compared)
  if (direction === 'worse') return 'alert'
  if (direction === 'better') return 'good'
  return compared.change === 'none' || compared.change === null ? 'quiet' : ''
}
