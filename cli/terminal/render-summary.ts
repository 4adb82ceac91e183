import type { Report } from '../../core/report/report.ts'
import { protocolsInWords } from '../../core/report/entries/protocol-facts.ts'
import { tlsInWords } from '../../core/report/entries/tls-facts.ts'
import type { NamedRow, Row, ThresholdEntry } from '../../core/verdict/results.ts'
import { measuredValue } from '../../core/thresholds/measured-value.ts'
import { otherNames } from '../../core/window/window.ts'
import { counted, grouped, milliseconds, moment, notMeasured, percent, perSecond, span } from '../../core/words.ts'
import { renderSearch } from './render-search.ts'
import { cleanAll, type Style } from './style.ts'
import { type Column, fit, renderTable } from './table.ts'

/** The maximum number of requests, samples, steps or checks that the terminal shows. The files contain all of them. */
const mostRows = 40
const mostFailures = 10
const mostLost = 5

/** The parts of a report for the terminal, without the data of the charts. */
type Told = Omit<Report, 'seconds' | 'windows'>

/** The lines of a part of the summary; an empty list if the part has no content. */
type Section = (report: Told, width: number, style: Style) => string[]

const sections: Section[] = [
  requests,
  recorded,
  steps,
  failures,
  exceptions,
  renderSearch,
  thresholds,
  checks,
  trust,
  verdict,
]

/** Returns the summary of a finished run in words and tables of at most `width` columns. The verdict is at the end, next to the prompt. */
export function renderSummary(report: Report, width: number, style: Style): string {
  const { seconds: _seconds, windows: _windows, ...rest } = report
  const told = cleanAll(rest)
  return sections
    .map((section) => section(told, width, style))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function columnsOf(name: string, ...titles: string[]): Column[] {
  return [{ title: name, flexible: true }, ...titles.map((title): Column => ({ title, align: 'right' }))]
}

const requestColumns = columnsOf('request', 'requests', 'failed', 'req/s', 'p50', 'p95', 'p99', 'max', 'intent\np99')

function requests(report: Told, width: number, style: Style): string[] {
  // If a scenario sends no HTTP requests but records samples or steps, this table is left out. Samples and steps have their own tables.
  if (report.requests.length === 0 && report.metrics.length + report.steps.length > 0) return []
  const shown = worthShowing(report.requests)
  const rows = shown.map((row) => figures(named(row), row, style))
  rows.push(figures('all', report.totals, style).map(style.bold))
  const more = report.requests.length - shown.length
  const note = more > 0 ? [style.dim(`and ${grouped(more)} more names, in report.html`)] : []
  return [renderTable(requestColumns, rows, { width, heading: style.dim, wrap: true }), ...note]
}

/**
 * Returns the rows that the table shows. If a row of the report combines the names above the limit, this row is always shown, as the last of these
 * rows.
 */
function worthShowing(rows: NamedRow[]): NamedRow[] {
  const others = rows.slice(mostRows).filter((row) => row.name === otherNames)
  return [...rows.slice(0, mostRows - others.length), ...others]
}

function named(row: Pick<NamedRow, 'method' | 'name'>): string {
  return `${row.method} ${row.name}`.trim()
}

function figures(name: string, row: Row, style: Style): string[] {
  const { p50, p95, p99, max } = row.latencyMs
  const failed = percent(row.failureShare)
  const lengths = [p50, p95, p99, max, row.fromIntentMs.p99]
  return [
    name,
    grouped(row.requests),
    row.failures > 0 ? style.red(failed) : failed,
    perSecond(row.rps),
    // burst writes durations without the blank before the unit, so that the names have more columns in a terminal with 80 columns.
    ...lengths.map((ms) => milliseconds(ms).replace(' ', '')),
  ]
}

/** Returns the samples that the scenario recorded. */
function recorded(report: Told, width: number, style: Style): string[] {
  const rows = report.metrics.map((row) => ({ ...row, name: named(row), failed: row.failures }))
  return timed('recorded', rows, { width, style })
}

function steps(report: Told, width: number, style: Style): string[] {
  return timed('step', report.steps, { width, style })
}

type Timed = Pick<Report['steps'][number], 'name' | 'count' | 'failed' | 'durationMs'>

function timed(title: string, rows: readonly Timed[], { width, style }: { width: number; style: Style }): string[] {
  if (rows.length === 0) return []
  const columns = columnsOf(title, 'count', 'failed', 'p50', 'p95', 'p99', 'max')
  const lines = rows.slice(0, mostRows).map(({ name, count, failed, durationMs: { p50, p95, p99, max } }) => {
    const share = percent(count === 0 ? 0 : failed / count)
    const lengths = [p50, p95, p99, max].map((ms) => milliseconds(ms).replace(' ', ''))
    return [name, grouped(count), failed > 0 ? style.red(share) : share, ...lengths]
  })
  return [renderTable(columns, lines, { width, heading: style.dim, wrap: true }), ...cut(rows, mostRows, style)]
}

const listColumns: Column[] = [
  { title: '', align: 'right' },
  { title: '', most: 30 },
  { title: '', flexible: true },
]

function failures(report: Told, width: number, style: Style): string[] {
  if (report.errors.length === 0) return []
  const rows = report.errors
    .slice(0, mostFailures)
    .map((one) => [style.red(`${grouped(one.count)} ×`), named(one), one.message])
  return [
    style.bold('failures'),
    renderTable(listColumns, rows, { width, wrap: true }),
    ...cut(report.errors, mostFailures, style),
  ]
}

function exceptions(report: Told, width: number, style: Style): string[] {
  if (report.exceptions.length === 0) return []
  const rows = report.exceptions
    .slice(0, mostFailures)
    .map((one) => [style.red(`${grouped(one.count)} ×`), `${one.message}${placeOf(one.stack)}`])
  const columns: Column[] = [
    { title: '', align: 'right' },
    { title: '', flexible: true },
  ]
  return [
    style.bold('exceptions in the scenario'),
    renderTable(columns, rows, { width, wrap: true }),
    ...cut(report.exceptions, mostFailures, style),
  ]
}

/** Returns the file and the line that threw the exception, in parentheses. Returns '' if the stack does not contain them. */
function placeOf(stack: string): string {
  const found = /\(((?!node:)[^()]+:\d+):\d+\)|\bat (?:async )?(\S+:\d+):\d+/.exec(stack)
  return found ? ` (${found[1] ?? found[2]})` : ''
}

/** Returns one line that says how many rows of a list are not shown. Returns an empty list if all rows are shown. */
function cut(list: readonly unknown[], most: number, style: Style): string[] {
  const more = list.length - most
  return more > 0 ? [style.dim(`and ${grouped(more)} more, in report.html`)] : []
}

function thresholds(report: Told, width: number, style: Style): string[] {
  if (report.thresholds.length === 0) return []
  // The text after an expression gets at most half of the width, so that the expression has the other half.
  const columns: Column[] = [{ title: '' }, { title: '', flexible: true }, { title: '', most: Math.floor(width / 2) }]
  const rows = report.thresholds.map((one) => [mark(one.passed, style), one.expression, measured(one)])
  return [style.bold('thresholds'), renderTable(columns, rows, { width, wrap: true })]
}

function mark(passed: boolean, style: Style): string {
  return passed ? style.green('✓') : style.red('✗')
}

function measured(one: ThresholdEntry): string {
  const value = one.value === null ? notMeasured : measuredValue({ ...one, value: one.value })
  return [value, one.note].filter(Boolean).join(', ')
}

function checks(report: Told, width: number, style: Style): string[] {
  if (report.checks.length === 0) return []
  const columns: Column[] = [{ title: '' }, { title: '', flexible: true }, { title: '' }]
  // If the list of checks is too long, it begins with the failed checks.
  const listed =
    report.checks.length > mostRows
      ? report.checks.toSorted((a, b) => Number(b.failed > 0) - Number(a.failed > 0))
      : report.checks
  const rows = listed.slice(0, mostRows).map((one) => {
    const failed = one.failed > 0 ? `, ${style.red(`${grouped(one.failed)} failed`)}` : ''
    return [mark(one.failed === 0, style), one.name, `${grouped(one.passed)} passed${failed}`]
  })
  return [style.bold('checks'), renderTable(columns, rows, { width, wrap: true }), ...cut(listed, mostRows, style)]
}

function arrivals({ offered, started, dropped }: NonNullable<Report['arrivals']>): string {
  const causes = [
    [dropped.pool, 'no user was free'],
    [dropped.generator, 'burst was late'],
    [dropped.lost, 'a worker was lost'],
  ] as const
  const why = causes.filter(([n]) => n > 0).map(([n, cause]) => `, ${grouped(n)} dropped because ${cause}`)
  return `${grouped(offered)} planned, ${grouped(started)} started${why.join('')}`
}

/** Returns a table about the completeness of the counts, the generator, the users, the load, TLS, protocols, arrivals and unplanned events. */
function trust(report: Told, width: number, style: Style): string[] {
  const rows = [
    ['counts', completeness(report, style)],
    ...generator(report, style),
    ['users', users(report)],
    ...(report.load ? [['load', load(report.load)]] : []),
    ...(report.tls ? [['TLS', tlsInWords(report.tls)]] : []),
    ...(report.protocols ? [['protocol', protocolsInWords(report.protocols)]] : []),
    ...(report.arrivals ? [['arrivals', arrivals(report.arrivals)]] : []),
    // This list contains only unplanned events, because the plan already shows the planned events.
    ...report.events
      .filter(({ planned }) => planned !== true)
      .map((event) => [event.at === null ? 'note' : `at ${moment(event.at)}`, event.text]),
  ]
  const shown = rows.map(([label, text]) => [style.dim(label as string), text as string])
  return [renderTable([{ title: '' }, { title: '', flexible: true }], shown, { width, wrap: true })]
}

function completeness({ completeness: facts }: Told, style: Style): string {
  const workers = `${grouped(facts.slicesReported)} of ${counted(facts.slicesExpected, 'worker')} reported`
  if (facts.complete) return `complete: ${workers}, ${counted(facts.windowsMerged, 'message')} merged, none lost`
  // Leaves out the first entry of `facts.lost`, because the verdict already contains this entry.
  return `${style.red('incomplete')}: ${[workers, ...facts.lost.slice(1, 1 + mostLost)].join('; ')}${moreLost(facts.lost.length)}`
}

function moreLost(all: number): string {
  const more = all - 1 - mostLost
  return more > 0 ? `; and ${counted(more, 'more missing part')}, in report.html` : ''
}

function load({ plannedUserSeconds, deliveredUserSeconds, deliveredShare }: NonNullable<Report['load']>): string {
  const [delivered, planned] = [deliveredUserSeconds, plannedUserSeconds].map((seconds) => grouped(Math.round(seconds)))
  return `${percent(deliveredShare)} of the planned load, ${delivered} of ${planned} user-seconds`
}

/** Returns one row for each sentence about the generator. Findings come first and are yellow; the verdict repeats them. */
function generator({ generator: facts, verdict: { reasons } }: Told, style: Style): string[][] {
  const isDoubtful = facts.result === 'bound' || facts.result === 'inaccurate'
  const sentences = facts.reasons.length > 0 ? facts.reasons : [facts.result]
  return sentences.map((words, n) => {
    const isFinding = isDoubtful && (n === 0 || reasons.includes(words))
    return [n === 0 ? 'generator' : '', isFinding ? style.yellow(words) : words]
  })
}

function users({ users: facts }: Told): string {
  const some: [number, string][] = [
    [facts.failedToStart, 'failures to start'],
    [facts.exhausted, 'stopped because no data was left'],
    [facts.missedIterations, 'iterations missed'],
    [facts.carried, 'handed over between workers'],
    [facts.begunAnew, 'started again by the next worker'],
  ]
  const rest = some.filter(([n]) => n > 0).map(([n, what]) => `, ${grouped(n)} ${what}`)
  return `${grouped(facts.started)} started, ${grouped(facts.unharmed)} without a failure${rest.join('')}`
}

const results = {
  passed: '✓ passed',
  failed: '✗ failed',
  inconclusive: '? inconclusive',
  unjudged: '• unjudged',
} as const

function verdict(report: Told, width: number, style: Style): string[] {
  const { result, reasons } = report.verdict
  const paint = { passed: style.green, failed: style.red, inconclusive: style.yellow, unjudged: plainly }[result]
  const took = span(report.run.endedAt - report.run.startedAt)
  const about = `${report.run.name}, ${report.run.host}, ${took}`
  const head = style.bold(paint(results[result]))
  // In an unjudged run (a run without thresholds), the first reason contains the measured values. burst shows this reason beside the result.
  if (result === 'unjudged') {
    const columns: Column[] = [{ title: '' }, { title: '', flexible: true }]
    const [figures = '', ...rest] = reasons
    const rows = [[head, figures], ...rest.map((reason) => ['', reason]), ['', style.dim(about)]]
    return [renderTable(columns, rows, { width, wrap: true })]
  }
  const columns: Column[] = [{ title: '' }, { title: '', flexible: true }]
  return [
    head + style.dim(fit(`  ${about}`, width - results[result].length)),
    renderTable(
      columns,
      reasons.map((reason) => ['', reason]),
      { width, wrap: true },
    ),
  ]
}

function plainly(text: string): string {
  return text
}
