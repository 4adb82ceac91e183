import { type ComparedRow, type Comparison, type Measure, measures } from '../../core/compare/compare-reports.ts'
import {
  figureTexts,
  findingOf,
  hasChanged,
  measureNames,
  rowName,
  runWords,
  directionOf,
} from '../../core/compare/comparison-words.ts'
import { type Style, clean } from '../terminal/style.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { counted } from '../../core/words.ts'

/** The maximum number of names in each of the two tables. `--format markdown` and `json` list all names. */
const mostRows = 40
/** The maximum number of reasons that a narrow terminal shows. Each reason says why one value is not judged. */
const mostReasons = 12
/** Intervals are shown only in terminals of at least this many columns. */
const intervalsFrom = 104

/** Returns a comparison as a table of at most `width` columns. The verdict is at the end, next to the prompt. */
export function renderComparison(comparison: Comparison, width: number, style: Style): string {
  const { headline, details, result } = findingOf(comparison)
  const paint = { worse: style.red, better: style.green, none: style.bold, unknown: style.yellow }[result]
  const runs = [
    [style.dim('old'), clean(runWords(comparison.older))],
    [style.dim('new'), clean(runWords(comparison.newer))],
  ]
  const columns: Column[] = [{ title: '' }, { title: '', flexible: true }]
  const list = [...details.map((text) => style.dim(clean(text))), style.bold(paint(clean(headline)))]
  return [
    renderTable(columns, runs, { width, wrap: true }),
    ...figures(comparison, width, style),
    renderTable(
      [{ title: '', flexible: true }],
      list.map((text) => spaced([text])),
      { width, wrap: true },
    ),
  ].join('\n\n')
}

/** Replaces non-breaking spaces in numbers with plain spaces, for the terminal. */
function spaced(cells: readonly string[]): string[] {
  return cells.map((cell) => cell.replaceAll('\u00A0', ' '))
}

interface Line {
  heading: string | null
  cells: string[]
}

/**
 * Returns the lines of the comparison. The first table contains the total of all requests and the names with a change. Each compared value has its
 * own line. The second table contains the remaining names. Each name has one line, which shows the p95.
 */
function figures({ rows }: Comparison, width: number, style: Style): string[] {
  const [all, ...names] = rows
  const full = [all as ComparedRow, ...names.filter(anyHasChanged)].slice(0, mostRows)
  const rest = names.filter((row) => !full.includes(row)).slice(0, mostRows)
  const wide = width >= intervalsFrom
  const lines = full.flatMap((row) =>
    measures.map((measure, k): Line => ({
      heading: k === 0 ? style.bold(clean(rowName(row))) : null,
      cells: cellsOf(row, measure, `  ${measureNames[measure]}`, { wide, style }),
    })),
  )
  const left = names.length + 1 - full.length - rest.length
  const note =
    left > 0 ? spaced([style.dim(`and ${counted(left, 'more name')}; --format markdown lists all names`)]) : []
  const reasons = wide ? [] : unjudgedNotes([...full, ...rest], { width, style })
  return [tableOf(lines, wide, { width, style }), ...others(rest, wide, { width, style }), ...note, ...reasons]
}

/**
 * Returns lines with the reasons why some of the shown values are not judged. burst shows these lines in a terminal that is too narrow to show the
 * reasons in the table.
 */
function unjudgedNotes(rows: readonly ComparedRow[], { width, style }: { width: number; style: Style }): string[] {
  const reasons = rows.flatMap((row) =>
    measures.flatMap((measure) => {
      const { unjudged } = row.measures[measure]
      return unjudged === null
        ? []
        : [`${clean(rowName(row))}, ${measureNames[measure]} is not judged: ${clean(unjudged)}`]
    }),
  )
  const left = reasons.length - mostReasons
  const shown = [...reasons.slice(0, mostReasons), ...(left > 0 ? [`and ${counted(left, 'more value')}`] : [])]
  if (shown.length === 0) return []
  const lines = shown.map((text) => spaced([style.dim(text)]))
  return [renderTable([{ title: '', flexible: true }], lines, { width, wrap: true })]
}

function anyHasChanged(row: ComparedRow): boolean {
  return Object.values(row.measures).some(hasChanged)
}

function others(rows: readonly ComparedRow[], wide: boolean, screen: { width: number; style: Style }): string[] {
  if (rows.length === 0) return []
  const { width, style } = screen
  const nameWidth = Math.max(16, width - (wide ? 92 : 66))
  const lines = rows.map((row): Line => {
    const name = clean(rowName(row))
    const short = name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name
    return { heading: null, cells: cellsOf(row, 'p95Ms', `  ${short}`, { wide, style }) }
  })
  const [first = { heading: null, cells: [] }] = lines
  first.heading = style.bold('p95 of the names without evidence of a change')
  return [tableOf(lines, wide, screen)]
}

function cellsOf(
  row: ComparedRow,
  measure: Measure,
  title: string,
  { wide, style }: { wide: boolean; style: Style },
): string[] {
  const compared = row.measures[measure]
  const direction = directionOf(measure, compared)
  const paint = direction === 'worse' ? style.red : direction === 'better' ? style.green : (text: string) => text
  const { older, newer, difference, relative, interval, change } = figureTexts(measure, compared)
  return [
    title,
    older,
    newer,
    difference,
    relative,
    ...(wide ? [style.dim(interval)] : []),
    hasChanged(compared) ? paint(change) : style.dim(wide ? change : (change.split(':')[0] as string)),
  ]
}

function tableOf(lines: readonly Line[], wide: boolean, { width, style }: { width: number; style: Style }): string {
  const right = (title: string): Column => ({ title, align: 'right' })
  const columns: Column[] = [
    { title: '' },
    right('old'),
    right('new'),
    right('difference'),
    right(''),
    ...(wide ? [right('95 % interval')] : []),
    { title: '', flexible: true },
  ]
  const [head = '', ...body] = renderTable(
    columns,
    lines.map(({ cells }) => spaced(cells)),
    { width, heading: style.dim, wrap: true },
  ).split('\n')
  // A cell that does not fit continues on further lines. The first column of these lines is empty.
  const starts = lines.flatMap(({ heading }) => (heading === null ? [[]] : [[heading]]))
  return [head, ...body.flatMap((line) => (/^ {2}\S/.test(line) ? [...(starts.shift() ?? []), line] : [line]))].join(
    '\n',
  )
}
