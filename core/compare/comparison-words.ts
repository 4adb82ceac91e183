import { ms, rate, share, unbroken } from '../report/figures.ts'
import { type Compared, type ComparedRow, type Comparison, type Measure, measures } from './compare-reports.ts'
import { counted, grouped, instant, moment, notMeasured, relativeChange } from '../words.ts'

/** Functions that describe a comparison in sentences. The spaces in a number are non-breaking. */

export const measureNames: Record<Measure, string> = {
  p50Ms: 'p50',
  p95Ms: 'p95',
  p99Ms: 'p99',
  failureShare: 'errors',
  rps: 'requests/s',
}

const noEvidence = 'no evidence of a change'

const changeWords: Record<Measure, { higher: string; lower: string }> = {
  p50Ms: { higher: 'slower', lower: 'faster' },
  p95Ms: { higher: 'slower', lower: 'faster' },
  p99Ms: { higher: 'slower', lower: 'faster' },
  failureShare: { higher: 'more errors', lower: 'fewer errors' },
  rps: { higher: 'more requests', lower: 'fewer requests' },
}

/** Describes the change of a value: `slower`, `no evidence of a change`, or the reason why the change cannot be judged. */
export function changeOf(measure: Measure, { change, unjudged }: Compared): string {
  if (change === null) return `not judged: ${unjudged ?? 'not measured'}`
  return change === 'none' ? noEvidence : changeWords[measure][change]
}

/**
 * Returns whether the change of a value is worse or better for users of the service. Returns null if the value did not change or cannot be judged.
 * For requests per second, always returns null, because neither an increase nor a decrease is in itself better for users.
 */
export function directionOf(measure: Measure, { change }: Pick<Compared, 'change'>): 'worse' | 'better' | null {
  if (measure === 'rps' || change === null || change === 'none') return null
  return change === 'higher' ? 'worse' : 'better'
}

/** Returns whether the difference exceeds the noise of the runs. */
export function hasChanged({ change }: Pick<Compared, 'change'>): boolean {
  return change === 'higher' || change === 'lower'
}

/** Returns a value of this measure as a string; `–` when the value was not measured. */
export function figureText(measure: Measure, value: number | null): string {
  if (value === null) return notMeasured
  if (measure === 'rps') return rate(value).text
  return measure === 'failureShare' ? share(value).text : ms(value).text
}

/** Returns a difference with its sign. A difference between failure shares is in percentage points: `+1.2 points`. */
export function differenceText(measure: Measure, value: number | null): string {
  if (value === null) return notMeasured
  const text = figureText(measure, Math.abs(value)).replace('\u00A0%', '\u00A0points')
  const none = /^(?:0|<[\d.]+)(?![\d.])/
  return none.test(text) ? text.replace(none, '±0') : `${value < 0 ? '−' : '+'}${text}`
}

/** Returns the difference as a percentage of the older value: `+21 %`; '' when the percentage cannot be computed. */
export function relativeText({ older, difference }: Compared): string {
  if (older === null || older === 0 || difference === null) return ''
  return unbroken(relativeChange(difference / older))
}

/** Describes an interval: `+12 ms to +24 ms`. */
export function intervalText(measure: Measure, interval: Compared['interval']): string {
  if (!interval) return notMeasured
  return interval.map((bound) => differenceText(measure, bound)).join(' to ')
}

/** The values of the two runs as strings, for the terminal, the page and Markdown. */
export interface FigureTexts {
  older: string
  newer: string
  difference: string
  /** The difference as a percentage of the older value; '' when the percentage cannot be computed. */
  relative: string
  /** A description of the interval; `–` when there is no interval. */
  interval: string
  change: string
}

export function figureTexts(measure: Measure, compared: Compared): FigureTexts {
  return {
    older: figureText(measure, compared.older),
    newer: figureText(measure, compared.newer),
    difference: differenceText(measure, compared.difference),
    relative: relativeText(compared),
    interval: intervalText(measure, compared.interval),
    change: changeOf(measure, compared),
  }
}

/** Returns the name of the row as it appears in sentences. */
export function rowName({ method, name }: Pick<ComparedRow, 'method' | 'name'>): string {
  return method === '' && name === '' ? 'all requests' : `${method} ${name}`.trim()
}

/** One value of one row. */
export interface Place {
  row: ComparedRow
  measure: Measure
  compared: Compared
}

function placesOf({ rows }: Comparison): Place[] {
  return rows.flatMap((row) => measures.map((measure) => ({ row, measure, compared: row.measures[measure] })))
}

/** The result of a comparison. */
export interface Finding {
  result: 'worse' | 'better' | 'none' | 'unknown'
  headline: string
  /** Further sentences. The most important sentence comes first. */
  details: string[]
}

export function findingOf(comparison: Comparison): Finding {
  return { ...headlineOf(comparison), details: detailsOf(comparison) }
}

function headlineOf(comparison: Comparison): Omit<Finding, 'details'> {
  if (comparison.sameRun)
    return { result: 'none', headline: 'Both reports are of the same run: there is no difference.' }
  if (comparison.judged === 0) {
    const why = comparison.rows[0]?.measures.p50Ms.unjudged ?? 'too few requests'
    return { result: 'unknown', headline: `The runs cannot be judged: ${why}.` }
  }
  const sure = placesOf(comparison).filter(({ compared }) => compared.sure)
  const [worse, better] = (['worse', 'better'] as const).map((direction) =>
    sure.filter(({ measure, compared }) => directionOf(measure, compared) === direction).toSorted(byWeight),
  ) as [Place[], Place[]]
  if (worse.length > 0) return { result: 'worse', headline: `Worse: ${listed(worse)}${besides(better, 'better')}.` }
  if (better.length > 0) return { result: 'better', headline: `Better: ${listed(better)}.` }
  const [load] = sure.toSorted(byWeight)
  if (load) return { result: 'none', headline: `Latency and errors: ${noEvidence}. ${sentence(load)}.` }
  return { result: 'none', headline: `There is ${noEvidence}.` }
}

/**
 * Orders values by their change relative to the older value. The value with the greatest change comes first. A value that was 0 in the older run
 * comes before all other values. If several values were 0 in the older run, the value with the greatest absolute change comes first.
 */
function byWeight(a: Place, b: Place): number {
  const relative = ({ compared: { older, difference } }: Place): number =>
    older ? Math.abs(difference ?? 0) / older : Number.MAX_VALUE
  const own = ({ compared }: Place): number => Math.abs(compared.difference ?? 0)
  return relative(b) - relative(a) || own(b) - own(a)
}

function listed([first, ...rest]: readonly Place[]): string {
  return `${sentence(first as Place)}${rest.length === 0 ? '' : `; and ${counted(rest.length, 'more value')}`}`
}

function besides(places: readonly Place[], word: string): string {
  return places.length === 0 ? '' : `. ${counted(places.length, 'value is', 'values are')} ${word}`
}

function sentence({ row, measure, compared }: Place): string {
  const [from, to] = [figureText(measure, compared.older), figureText(measure, compared.newer)]
  const relative = relativeText(compared)
  const verb = compared.change === 'higher' ? 'rose' : 'fell'
  const figure = measure === 'failureShare' ? 'the share of errors' : measureNames[measure]
  return `${figure} of ${rowName(row)} ${verb} from ${from} to ${to}${relative === '' ? '' : ` (${relative})`}`
}

function detailsOf(comparison: Comparison): string[] {
  const own = comparison.sameRun ? [] : [chance(comparison)]
  const names = (where: ComparedRow['in']): number => comparison.rows.filter((row) => row.in === where).length
  const onlyIn = [
    [names('newer'), 'new'],
    [names('older'), 'old'],
  ] as const
  const only = onlyIn.filter(([n]) => n > 0).map(([n, run]) => `${counted(n, 'name')} only in the ${run} run.`)
  return [...own, ...only, ...doubts(comparison), spanWords(comparison)].filter((text) => text !== '')
}

function chance(comparison: Comparison): string {
  const { judged } = comparison
  if (judged === 0) return ''
  const changed = placesOf(comparison).filter(({ compared }) => hasChanged(compared))
  const sure = changed.filter(({ compared }) => compared.sure).length
  if (changed.length === 0) return `None of ${counted(judged, 'value')} differs by more than the noise at 95\u00A0%.`
  const differ = (n: number): string => (n === 1 ? 'differs' : 'differ')
  const expected = Math.max(1, Math.round(judged * 0.05))
  const all = `${grouped(changed.length)} of ${counted(judged, 'value')} ${differ(changed.length)} by more than the noise at 95\u00A0%`
  const together = `At the stricter limit for all values together, ${grouped(sure)} ${differ(sure)}`
  return `${all}; by chance alone, about ${grouped(expected)} would differ. ${together}.`
}

function doubts({ older, newer, doubtful }: Comparison): string[] {
  const differ = (what: string, a: string, b: string): string[] =>
    a === b ? [] : [`The runs differ in ${what}: ${a} and ${b}.`]
  return [
    ...doubtful,
    ...differ('host', older.host, newer.host),
    ...differ('their greatest number of users', grouped(older.plan.users), grouped(newer.plan.users)),
  ]
}

function spanWords({ span: { of, older, newer } }: Comparison): string {
  const time = ({ fromS, toS }: { fromS: number; toS: number }): string => `${moment(fromS)}–${moment(toS)}`
  const times =
    time(older) === time(newer)
      ? `${time(older)} of both`
      : `${time(older)} of the old run, ${time(newer)} of the new run`
  return of === 'plateau'
    ? `Compared without ramp-up and ramp-down: ${times}.`
    : `Compared over the whole run, including ramps, because at least one run does not have a plateau of 10 buckets: ${times}.`
}

/** Describes a run in one line: its name, its start and its id. */
export function runWords({ name, id, startedAt }: Comparison['older']): string {
  return `${name}, ${instant(startedAt)}, ${id}`
}

/**
 * Returns the latency percentiles and failure rates that became worse by more than `most` and by more than the noise. `most` is a fraction of the
 * older value, e.g. 0.1. The limit for the noise is stricter than for a single value, because many values are compared at once.
 */
export function regressions(comparison: Comparison, most: number): Place[] {
  return placesOf(comparison)
    .filter(({ measure, compared }) => compared.sure && directionOf(measure, compared) === 'worse')
    .filter(({ compared: { older, difference } }) => (difference ?? 0) > most * (older ?? 0))
    .toSorted(byWeight)
}

/** Returns one sentence about the regressed values. */
export function regressionWords(places: readonly Place[], most: string): string {
  const few = places.slice(0, 5).map(sentence)
  const more = places.length - few.length
  return `worse by more than ${most}: ${few.join('; ')}${more > 0 ? `; and ${counted(more, 'more value')}` : ''}`
}
