import { spelledOut, visibleRow } from '../html/markup.ts'
import type { Report } from '../report.ts'
import { protocolsInWords } from '../entries/protocol-facts.ts'
import { tlsInWords } from '../entries/tls-facts.ts'
import type { Row } from '../../verdict/results.ts'
import { levelInWords, whyOfStep } from '../../verdict/searched.ts'
import { measuredValue } from '../../thresholds/measured-value.ts'
import { counted, grouped, instant, milliseconds, moment, perSecond, percent, span } from '../../words.ts'

/** The maximum number of rows of a table, and the maximum number of reasons of the verdict. report.html contains all rows and reasons. */
const mostRows = 15
/** The maximum number of characters of a string from outside burst. */
const longestText = 300
/** The maximum number of characters of a name after its invisible characters are replaced with codes. */
const longestName = 1000

const words: Record<Report['verdict']['result'], string> = {
  passed: '✓ Passed',
  failed: '✗ Failed',
  inconclusive: '? Inconclusive',
  unjudged: '• Unjudged',
}

/**
 * Returns one page of Markdown about the run, for a pull request. The page contains the verdict with its reasons, key values, the steps of a search,
 * thresholds, the busiest names, failures, exceptions, and facts about the run.
 */
export function markdownSummary(report: Report): string {
  const { run, verdict } = report
  const parts = [
    `## ${words[verdict.result]}: ${prose(run.name)}`,
    verdict.reasons
      .slice(0, mostRows)
      .map((reason) => `- ${prose(reason)}`)
      .join('\n'),
    keyFigures(report),
    search(report),
    thresholds(report),
    busiest(report),
    failures(report),
    exceptions(report),
    provenance(report),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function keyFigures({ totals, seconds, run }: Report): string {
  const users = seconds.reduce((most, second) => Math.max(most, second.users), 0)
  const cells = [...figures(totals), grouped(users), span(run.endedAt - run.startedAt)]
  return table([...titles, 'Users, peak', 'Time'], [cells], 0)
}

const titles = ['Requests', 'per s', 'Failed', 'p50', 'p95', 'p99', 'Max']

function figures({ requests, rps, failures, failureShare, latencyMs: { p50, p95, p99, max } }: Row): string[] {
  const failed = failures === 0 ? '0' : `${grouped(failures)} (${percent(failureShare)})`
  return [grouped(requests), perSecond(rps), failed, ...[p50, p95, p99, max].map(milliseconds)]
}

function search({ search: found }: Report): string {
  if (!found || found.steps.length === 0) return ''
  const rows = found.steps.map((step) => [
    levelInWords(step.level, { whole: found.unit === 'users' }),
    `${moment(step.fromS)}–${moment(step.toS)}`,
    step.result,
    code(whyOfStep(step)),
    grouped(step.requests),
    milliseconds(step.p95Ms),
    percent(step.failureShare),
  ])
  const heads = ['Load', 'From–to', 'Result', 'Why', 'Requests', 'p95', 'Errors']
  return section('Search for the highest load', table(heads, rows, 4), found.steps.length)
}

function thresholds({ thresholds: list }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ passed, expression, value, unit, note }) => {
    const was = value === null ? 'not measured' : prose(measuredValue({ expression, value, unit }))
    return [passed ? '✓' : '✗', code(expression), [was, ...(note === null ? [] : [code(note)])].join(', ')]
  })
  return section('Thresholds', table(['', 'Threshold', 'Measured'], rows, 2), list.length)
}

function busiest({ requests }: Report): string {
  if (requests.length === 0) return ''
  const rows = requests.map((row) => [nameCode(row), ...figures(row)])
  return section('Requests, the busiest first', table(['Request', ...titles], rows, 1), requests.length)
}

function failures({ errors }: Report): string {
  if (errors.length === 0) return ''
  const rows = errors.map((error) => [grouped(error.count), nameCode(error), code(error.message)])
  return section('Failures', table(['Times', 'Request', 'Failure'], rows, 3), errors.length)
}

function exceptions({ exceptions: list }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ count: times, message }) => [grouped(times), code(message)])
  return section('Exceptions of the scenario', table(['Times', 'Exception'], rows, 2), list.length)
}

function provenance({ run, tls, protocols }: Report): string {
  const where = `${counted(run.workers, 'worker')}, ${run.backend === 'aws' ? run.regions.join(', ') : 'local'}`
  const facts = [code(run.host), instant(run.startedAt), prose(where), `run ${code(run.id)}`, `seed ${code(run.seed)}`]
  if (tls) facts.push(prose(tlsInWords(tls)))
  if (protocols) facts.push(prose(protocolsInWords(protocols)))
  return `${facts.join(' · ')}, burst ${code(run.build)}`
}

function section(title: string, content: string, all: number): string {
  const more = all > mostRows ? `\n\n${grouped(all - mostRows)} more in \`report.html\`.` : ''
  return `### ${title}\n\n${content}${more}`
}

/**
 * Returns a table in Markdown.
 * @param texts the number of left-aligned columns at the left of the table; the other columns are right-aligned
 */
function table(heads: readonly string[], rows: readonly string[][], texts: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = heads.map((_, k) => (k < texts ? '---' : '---:'))
  return [line(heads), line(rule), ...rows.slice(0, mostRows).map(line)].join('\n')
}

function shortened(text: string): string {
  return cut(
    spelledOut(text.slice(0, 2 * longestText))
      .replaceAll(/\s+/g, ' ')
      .trim(),
    longestText,
  )
}

function cut(line: string, most: number): string {
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line
}

/** Returns the method and the name of a row as a code span. Replaces invisible characters with codes, and cuts the result to 1,000 characters. */
function nameCode(row: { method: string; name: string }): string {
  return codeSpan(cut(visibleRow(row), longestName))
}

/**
 * Returns an external string as a code span. In a code span, GitHub does not interpret markup, links or mentions. A backtick would end the code span,
 * and a bar or a backslash could end the cell of a table. These characters are therefore written as entities.
 */
function code(text: string): string {
  return codeSpan(shortened(text))
}

function codeSpan(line: string): string {
  if (line === '') return ''
  if (!/[`|\\]/.test(line)) return `\`${line}\``
  return `<code>${line.replaceAll(/[^\p{L}\p{N} ./-]/gu, entity)}</code>`
}

/**
 * Returns an external string for use outside of a code span. Characters that could begin markup are written as entities, and possible mentions and
 * references are broken up.
 */
function prose(text: string): string {
  return shortened(text)
    .replaceAll(/[\\`*_[\]<|~&@#]|:(?=\/\/)|(?<=\bwww)\./gi, entity)
    .replaceAll(/&#(?:64|35);/g, '$&&#8203;')
    .replace(/^(?:[-+](?=\s|$)|[=>]|-+$|\d+(?=[.)](?:\s|$)))/, (start) => entity(start.slice(0, 1)) + start.slice(1))
}

const named: Record<string, string> = { '&': '&amp;', '<': '&lt;' }

function entity(char: string): string {
  return named[char] ?? `&#${char.codePointAt(0)};`
}
