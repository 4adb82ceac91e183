import type { Figure } from './figures.ts'
import { type Markup, html } from './markup.ts'

/** What stands in a cell: a figure is aligned and sorts as a number, anything else as text. */
type Content = Figure | Markup | string

export interface Column<T> {
  title: string
  /** A longer explanation, as a tooltip. */
  hint?: string
  cell: (row: T) => Content
  /** The first cell of a row names it. */
  kind: 'name' | 'number' | 'text' | 'picture'
}

export interface Table<T> {
  id?: string
  /** Read out by screen readers, and by people in place of the table when it is empty. */
  caption: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  /** A row that stays at the end, whatever the order. */
  total?: T
  /** The title of the column that the rows are already sorted by, greatest first. */
  sortedBy?: string
}

/** A real table; the script of the page makes its headers sort. */
export function table<T>(it: Table<T>): Markup {
  return html`<div class="scroll" role="group" aria-label="${it.caption}" tabindex="0">
    <table ${it.id === undefined ? '' : html`id="${it.id}"`} data-sortable>
      <caption>
        ${it.caption}
      </caption>
      <thead>
        <tr>
          ${it.columns.map((column) => header(column, it.sortedBy))}
        </tr>
      </thead>
      <tbody>
        ${it.rows.map((row) => line(it.columns, row))}
      </tbody>
      ${
        it.total === undefined
          ? ''
          : html`<tfoot>
              ${line(it.columns, it.total)}
            </tfoot>`
      }
    </table>
  </div>`
}

function header<T>(column: Column<T>, sortedBy: string | undefined): Markup {
  const sort = column.title === sortedBy ? 'descending' : 'none'
  const hint = column.hint === undefined ? '' : html` title="${column.hint}"`
  const order = column.kind === 'picture' ? '' : html` aria-sort="${sort}"`
  return html`<th scope="col" class="${column.kind}" ${order}${hint}>${column.title}</th>`
}

function line<T>(columns: readonly Column<T>[], row: T): Markup {
  return html`<tr>
    ${columns.map((column) => cell(column, column.cell(row)))}
  </tr>`
}

function cell<T>(column: Column<T>, content: Content): Markup {
  if (column.kind === 'name') return html`<th scope="row">${inside(content)}</th>`
  if (typeof content === 'string' || 'markup' in content)
    return html`<td class="${column.kind}">${inside(content)}</td>`
  const value = content.value === null ? '' : html` data-value="${content.value}"`
  return html`<td class="${tone(content)}" title="${content.exact}" ${value}>${content.text}</td>`
}

function inside(content: Content): Markup {
  if (typeof content === 'string') return html`<bdi>${content}</bdi>`
  return 'markup' in content ? content : figure(content)
}

function tone(content: Figure): string {
  if (content.alert === true) return 'number alert'
  return content.value === null || content.value === 0 ? 'number quiet' : 'number'
}

/** A figure in running text, exact when pointed at. */
function figure(content: Figure): Markup {
  return html`<span class="figure" title="${content.exact}">${content.text}</span>`
}
