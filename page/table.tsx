import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Figure } from '../core/report/figures.ts'
import { Count } from './figure.tsx'

export interface Column<T> {
  /** Names the column in the address; unique in its table. */
  key: string
  title: string
  /** Said in the tooltip of the head. */
  hint?: string
  /** A number is sorted by its value and set to the right; text is sorted as text. */
  number?: (row: T) => Figure
  text?: (row: T) => string
  /** How the cell looks, where it is more than its number or text. */
  cell?: (row: T) => ComponentChildren
}

export interface Sort {
  column: string
  down: boolean
}

export interface TableProps<T> {
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  keyOf: (row: T, place: number) => string
  sort?: Sort
  onSort?: (sort: Sort) => void
  /** Shown above the rows, never sorted. */
  total?: T
  /** The rows are in order already. */
  ordered?: boolean
  rowClass?: (row: T) => string | undefined
}

/** A table that is sorted by a click, or Enter, on the head of a column. */
export function Table<T>(props: TableProps<T>): JSX.Element {
  const { caption, columns, rows, keyOf, total, rowClass } = props
  const [own, setOwn] = useState<Sort | null>(null)
  const sort = props.sort ?? own
  const choose = props.onSort ?? setOwn
  const shown = sort && props.ordered !== true ? sorted(rows, columns, sort) : rows
  return (
    <div class="table" role="region" aria-label={`${caption}, table`} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, place) => (
              <Head column={column} isFirst={place === 0} sort={sort} choose={choose} />
            ))}
          </tr>
        </thead>
        <tbody>
          {total !== undefined && <Cells row={total} columns={columns} of="total" />}
          {shown.map((row, place) => (
            <Cells key={keyOf(row, place)} row={row} columns={columns} of={rowClass?.(row)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface HeadProps<T> {
  column: Column<T>
  /** Its cells name the rows and are set to the left, also numbers. */
  isFirst: boolean
  sort: Sort | null
  choose: (sort: Sort) => void
}

function Head<T>({ column, isFirst, sort, choose }: HeadProps<T>): JSX.Element {
  const { key, title, number, text } = column
  const mine = sort?.column === key ? sort : null
  return (
    <th scope="col" class={number && !isFirst ? 'number' : undefined} aria-sort={orderOf(mine)}>
      {number || text ? <Sorter column={column} mine={mine} choose={choose} /> : title}
    </th>
  )
}

/** Numbers are sorted from the greatest first, text from A; a second click turns it round. */
function Sorter<T>({
  column,
  mine,
  choose,
}: {
  column: Column<T>
  mine: Sort | null
  choose: HeadProps<T>['choose']
}): JSX.Element {
  const down = mine ? !mine.down : column.number !== undefined
  return (
    <button type="button" title={column.hint} onClick={() => choose({ column: column.key, down })}>
      {column.title}
      <span aria-hidden="true">{mine ? arrow(mine) : ''}</span>
    </button>
  )
}

function orderOf(sort: Sort | null): 'ascending' | 'descending' | undefined {
  if (!sort) return undefined
  return sort.down ? 'descending' : 'ascending'
}

function arrow({ down }: Sort): string {
  return down ? ' ↓' : ' ↑'
}

function Cells<T>({
  row,
  columns,
  of,
}: {
  row: T
  columns: readonly Column<T>[]
  of: string | undefined
}): JSX.Element {
  return (
    <tr class={of}>
      {columns.map(({ number, text, cell }, place) => {
        const content = cell ? cell(row) : number ? <Count of={number(row)} /> : text?.(row)
        if (place === 0) return <th scope="row">{content}</th>
        return <td class={number ? 'number' : undefined}>{content}</td>
      })}
    </tr>
  )
}

/** What was not measured comes last, whichever way the rest is sorted. */
export function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], { column, down }: Sort): T[] {
  const by = columns.find((one) => one.key === column)
  if (!by) return [...rows]
  const sign = down ? -1 : 1
  return rows.toSorted((a, b) => {
    if (!by.number) return sign * (by.text?.(a) ?? '').localeCompare(by.text?.(b) ?? '', 'en', { numeric: true })
    const [x, y] = [by.number(a).value, by.number(b).value]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return sign * (x - y)
  })
}
