// @ts-check
// Makes the tables of the HTML report sort and filter. A plain browser script; without it they stand as they were written.

/** @param {HTMLTableRowElement} row @param {number} column */
function sortKey(row, column) {
  const cell = row.cells[column]
  if (cell === undefined) return ''
  const value = cell.dataset['value']
  return value === undefined ? cell.textContent.trim() : Number(value)
}

/** What was not measured goes last, whatever the order. @param {string | number} a @param {string | number} b @param {number} sign */
function compare(a, b, sign) {
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * sign
  if (typeof a === 'number') return -1
  if (typeof b === 'number') return 1
  return a.localeCompare(b, 'en', { numeric: true }) * sign
}

/** @param {HTMLTableElement} table @param {HTMLTableCellElement} head */
function sort(table, head) {
  const numeric = head.classList.contains('number')
  const was = head.getAttribute('aria-sort')
  const order =
    was === 'none' ? (numeric ? 'descending' : 'ascending') : was === 'descending' ? 'ascending' : 'descending'
  for (const other of table.querySelectorAll('thead th[aria-sort]')) other.setAttribute('aria-sort', 'none')
  head.setAttribute('aria-sort', order)
  const body = table.tBodies[0]
  if (body === undefined) return
  const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row, head.cellIndex) }))
  body.append(...keyed.toSorted((a, b) => compare(a.key, b.key, order === 'ascending' ? 1 : -1)).map(({ row }) => row))
}

/** @param {HTMLTableElement} table */
function makeSortable(table) {
  const heads = table.querySelectorAll('thead th[aria-sort]')
  for (const head of heads) {
    if (!(head instanceof HTMLTableCellElement)) continue
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...head.childNodes)
    button.addEventListener('click', () => sort(table, head))
    head.append(button)
  }
}

/** A field that leaves only the rows with its text, for long tables. @param {HTMLTableElement} table */
function makeFilterable(table) {
  const rows = [...(table.tBodies[0]?.rows ?? [])]
  if (rows.length < 16) return
  const field = document.createElement('input')
  field.type = 'search'
  field.placeholder = 'Filter by name'
  field.setAttribute('aria-label', 'Filter by name')
  field.className = 'filter'
  field.addEventListener('input', () => {
    const wanted = field.value.toLowerCase()
    for (const row of rows) row.hidden = !(row.cells[0]?.textContent ?? '').toLowerCase().includes(wanted)
  })
  table.parentElement?.before(field)
}

for (const table of document.querySelectorAll('table')) {
  if (!('sortable' in table.dataset) || (table.tBodies[0]?.rows.length ?? 0) < 2) continue
  makeSortable(table)
  makeFilterable(table)
}
