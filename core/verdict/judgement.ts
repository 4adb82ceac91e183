import { closestFirst } from '../closest-name.ts'
import { Distribution } from '../window/distribution.ts'
import type { CheckCell, ErrorCell, RequestCell, Window } from '../window/window.ts'
import { few } from '../words.ts'
import { mergedCell, rateOf } from './summary.ts'
import { type Threshold, holds } from '../thresholds/threshold.ts'
import type { JudgedThreshold } from './work.ts'

/** The measurements that thresholds are compared with: the whole run, merged. */
export interface Measured extends Pick<Window, 'requests' | 'checks' | 'steps' | 'metrics' | 'errors'> {
  /** The time over which rates are computed. */
  loadSeconds: number
}

/** What one threshold judges: requests, recorded samples or steps. */
interface Subject {
  count: number
  failed: number
  /** How many of the failures were on burst's own side. */
  generatorFailures: number
  lengths: Distribution
}

/** Judges a threshold by the measured values. A threshold whose name does not occur fails, with a note that lists the names that exist. */
export function judge(threshold: Threshold, measured: Measured): JudgedThreshold {
  const { expression, unit, scope } = threshold
  const found = scope.kind === 'check' ? ofCheck(scope.check, measured) : subjectOf(threshold, measured)
  if (typeof found === 'string') return notMeasured(threshold, found)
  const value = valueOf(threshold, found, measured.loadSeconds)
  if (value === undefined) return notMeasured(threshold, 'no request got far enough to be timed')
  const passed = holds(threshold, value)
  return { expression, value, unit, passed, note: null, certain: !passed && isCertain(threshold, found) }
}

function notMeasured({ expression, unit }: Threshold, note: string): JudgedThreshold {
  return { expression, value: null, unit, passed: false, note, certain: false }
}

function valueOf({ measure }: Threshold, { count, failed, lengths }: Subject, loadSeconds: number): number | undefined {
  if (measure.kind === 'errors') return (100 * failed) / count
  return measure.kind === 'rps' ? rateOf(count, loadSeconds) : timeOf(measure, lengths)
}

/** The value that a threshold about times reads from a distribution, in milliseconds; undefined when no value was recorded. */
function timeOf(measure: Threshold['measure'], lengths: Distribution): number | undefined {
  if (lengths.count === 0) return undefined
  if (measure.kind === 'percentile') return lengths.percentileMs(measure.percentile)
  if (measure.kind === 'avg') return lengths.meanMs
  return (measure.kind === 'min' ? lengths.minUs : lengths.maxUs) / 1000
}

/** Whether a share of errors exceeds the limit even without the failures on burst's own side. */
function isCertain(threshold: Threshold, { count, failed, generatorFailures }: Subject): boolean {
  if (threshold.measure.kind !== 'errors' || count === generatorFailures) return false
  return !holds(threshold, (100 * (failed - generatorFailures)) / (count - generatorFailures))
}

function ofCheck(name: string, { checks }: Measured): Subject | string {
  const cell = checks.get(name)
  if (!cell || countOf(cell) === 0) return noSuch(`no check is called '${name}'`, [...checks.keys()], name)
  return { count: countOf(cell), failed: cell.failed, generatorFailures: 0, lengths: new Distribution() }
}

function countOf({ passed, failed }: CheckCell): number {
  return passed + failed
}

/** A name is first searched among the requests, then among recorded samples, then among steps. */
function subjectOf(threshold: Threshold, measured: Measured): Subject | string {
  const cells = [...measured.requests].filter(([key, cell]) => covers(threshold, key, cell)).map(([, cell]) => cell)
  const cell = mergedCell(cells)
  if (cell.requests > 0) return requestSubject(threshold, cell, ownFailures(cells, measured.errors))
  const other = threshold.scope.kind === 'tag' ? undefined : otherWork(threshold, measured)
  if (other && threshold.fromIntent) return 'recorded samples and steps have no intent; leave out intent:'
  return other ?? nothingThere(threshold, measured)
}

function requestSubject({ fromIntent }: Threshold, cell: RequestCell, generatorFailures: number): Subject {
  const lengths = fromIntent ? cell.fromIntent : cell.latency
  return { count: cell.requests, failed: cell.failures, generatorFailures, lengths }
}

/** Whether a threshold applies to a row of requests. */
export function covers({ scope }: Threshold, key: string, cell: RequestCell): boolean {
  if (scope.kind === 'all') return true
  if (scope.kind === 'tag') return cell.tags.includes(scope.tag)
  return scope.kind === 'request' && (scope.name === key || scope.name === cell.name)
}

function ownFailures(cells: readonly RequestCell[], errors: Window['errors']): number {
  const names = new Set(cells.map(nameOf))
  return sum(
    [...errors.values()].filter((cell) => cell.kind === 'generator' && names.has(nameOf(cell))),
    countsOf,
  )
}

function countsOf(cell: ErrorCell): number {
  return cell.count
}

function nameOf({ method, name }: { method: string; name: string }): string {
  return `${method} ${name}`.trim()
}

function otherWork({ scope }: Threshold, { metrics, steps }: Measured): Subject | undefined {
  const wanted = scope.kind === 'request' ? scope.name : undefined
  const recorded = [...metrics.values()].filter(
    (cell) => wanted === undefined || [nameOf(cell), cell.name].includes(wanted),
  )
  if (recorded.length > 0) return subjectFrom(recorded.map((cell) => ({ ...cell, failed: cell.failures })))
  const timed = [...steps].filter(([name]) => wanted === undefined || name === wanted).map(([, cell]) => cell)
  return timed.length > 0 ? subjectFrom(timed) : undefined
}

function subjectFrom(cells: readonly { count: number; failed: number; duration: Distribution }[]): Subject | undefined {
  const lengths = new Distribution()
  for (const { duration } of cells) lengths.add(duration)
  const [count, failed] = [sum(cells, (cell) => cell.count), sum(cells, (cell) => cell.failed)]
  return count === 0 ? undefined : { count, failed, generatorFailures: 0, lengths }
}

function nothingThere({ scope }: Threshold, { requests, metrics, steps }: Measured): string {
  const sent = [...requests.values()].filter((cell) => cell.requests > 0)
  if (scope.kind === 'tag') {
    const tags = [...new Set(sent.flatMap((cell) => cell.tags))]
    return noSuch(`no request has the tag '${scope.tag}'`, tags, scope.tag)
  }
  if (scope.kind !== 'request') return 'no request was made'
  const names = [...sent.map(nameOf), ...[...metrics.values()].map(nameOf), ...steps.keys()]
  return noSuch(`no request, recorded sample or step is called '${scope.name}'`, names, scope.name)
}

function noSuch(sentence: string, there: string[], wanted: string): string {
  if (there.length === 0) return `${sentence}; the run had none`
  return `${sentence}; there were ${few(closestFirst(wanted, there))}`
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
