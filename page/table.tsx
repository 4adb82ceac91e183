import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Figure } from '../core/report/figures.ts'
import { Count } from './figure.tsx'
import { rowKeys } from './model/row-keys.ts'

export interface Column<T> {
  /** The name of the column in the URL. It is unique within the table. */
  key: string
  title: string
  /** The tooltip of the column's head. */
  hint?: string
  /** The value by which the rows are sorted. Numbers are right-aligned and sorted by value; strings are sorted alphabetically. */
  number?: (row: T) => Figure
  text?: (row: T) => string
  /** If set, the cell shows this content instead of the number or the string. */
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
  /** The name of a row. When the rows change, a row with the same name keeps its state, such as open details. Several rows may have the same name. */
  keyOf: (row: T, place: number) => string
  sort?: Sort
  onSort?: (sort: Sort) => void
  /** The row that is always shown first, for example the row with the sums. */
  total?: T
  /** `true` if the rows are already sorted. */
  ordered?: boolean
  rowClass?: (row: T) => string | undefined
}

/** Shows a table. To sort the table, the user clicks on the head of a column, or presses Enter while the head has the focus. */
export function Table<T>(props: TableProps<T>): JSX.Element {
  const { caption, columns, rows, keyOf, total, rowClass } = props
  const [own, setOwn] = useState<Sort | null>(null)
  const sort = props.sort ?? own
  const choose = props.onSort ?? setOwn
  const shown = sort && props.ordered !== true ? sorted(rows, columns, sort) : rows
  const keys = rowKeys(shown, keyOf)
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
            <Cells key={keys[place]} row={row} columns={columns} of={rowClass?.(row)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface HeadProps<T> {
  column: Column<T>
  /** `true` for the first column, which contains the names of the rows. Its cells are left-aligned, even if they are numbers. */
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

/**
 * Shows the head of a column. A click on the head sorts the table: numbers in descending order, strings in alphabetical order. A second click
 * reverses the order.
 */
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

/** Returns the sorted rows. Missing values come last in both orders. */
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
