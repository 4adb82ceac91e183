import Table from 'cli-table3'
// cli-table3 uses the same version of string-width as burst, so that both compute the same width for a string.
import stringWidth from 'string-width'

export interface Column {
  title: string
  align?: 'left' | 'right'
  /**
   * `true` to limit the column to the width that the other columns leave, or to 8 characters if they leave less. Longer cells are cut or wrapped. If
   * several columns are flexible, only the first of them is limited.
   */
  flexible?: boolean
  /** The maximum width of the column. Default: the width of its longest cell. */
  most?: number
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}
const gap = 2
const narrowest = 8

/**
 * Returns a table without borders. Cells that are longer than their column are cut with `…`, or wrapped if `wrap` is true. The table may be wider
 * than `width` if it has no flexible column, or if its other columns leave too little space for the flexible column.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { width: number; heading?: (text: string) => string; wrap?: boolean },
): string {
  const heading = options.heading ?? ((text: string) => text)
  const colWidths = widths(columns, rows, options.width)
  const table = new Table({
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths,
    colAligns: columns.map((column) => column.align ?? 'left'),
    truncate: '…',
    wordWrap: options.wrap ?? false,
    wrapOnWordBoundary: true,
  })
  if (columns.some((column) => column.title !== '')) table.push(columns.map((column) => heading(column.title)))
  const cell = (text: string, index: number): string =>
    options.wrap ? breakable(text, colWidths[index] as number) : text
  for (const row of rows) table.push(row.map(cell))
  return lines(table.toString())
}

/** Cuts the text to `width` columns. Wide characters count as two columns. */
export function fit(text: string, width: number): string {
  return renderTable([{ title: '', most: width }], [[text]], { width })
}

function widths(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const natural = columns.map((column, index) => {
    const longest = Math.max(
      ...[column.title, ...rows.map((row) => row[index] ?? '')].flatMap((text) => text.split('\n').map(stringWidth)),
    )
    return Math.min(Math.max(1, longest), column.most ?? Number.POSITIVE_INFINITY)
  })
  const flexible = columns.findIndex((column) => column.flexible)
  if (flexible === -1) return natural
  const others = natural.reduce((sum, one, index) => sum + (index === flexible ? 0 : one + gap), 0)
  natural[flexible] = Math.min(natural[flexible] as number, Math.max(narrowest, width - others))
  return natural
}

/**
 * Breaks words that are longer than a line, because the table would cut such words. Returns a text with wide characters or escape sequences
 * unchanged.
 */
function breakable(text: string, width: number): string {
  return stringWidth(text) === text.length ? text.replaceAll(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$& ') : text
}

function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
