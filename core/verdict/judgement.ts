import { closestFirst } from '../closest-name.ts'
import type { Distribution } from '../window/histograms/distribution.ts'
import { few } from '../words.ts'
import { type Counted, type Evidence, type Subject, evidenceOf, nameOf } from './evidence.ts'
import { rateOf } from './summary.ts'
import { type Threshold, holds } from '../thresholds/threshold.ts'
import type { JudgedThreshold } from './work.ts'

/** The measurements of the whole run, from which thresholds are judged at the end of the run. */
export interface Measured extends Counted {
  /** The time over which rates are computed. */
  loadSeconds: number
  /** The number of requests whose latency may be too long. Default 0. */
  uncertain?: number
}

/**
 * Judges a threshold by the measured values. If the run does not contain the name in the threshold, the threshold fails, and the note of the result
 * lists the existing names.
 */
export function judge(threshold: Threshold, measured: Measured): JudgedThreshold {
  const { loadSeconds, uncertain } = measured
  const judged = judgeEvidence(threshold, evidenceOf(threshold, measured), { seconds: loadSeconds, uncertain })
  return judged.value === null && judged.note === null ? { ...judged, note: nothingThere(threshold, measured) } : judged
}

/**
 * Judges a threshold by its counts. `seconds` is the time in which these events were counted.
 * @param uncertain the number of requests whose latency may be too long; default 0
 * @returns If no value was measured, `value` is null, `passed` is false, and `note` gives the reason. Exception: if nothing was counted for the
 * threshold, `note` is null, and the caller must add the reason.
 */
export function judgeEvidence(
  threshold: Threshold,
  evidence: Evidence,
  { seconds, uncertain = 0 }: { seconds: number; uncertain?: number | undefined },
): JudgedThreshold {
  const { expression, unit } = threshold
  const found = subjectOf(evidence)
  if (!found) return notMeasured(threshold, null)
  if (isIntentElsewhere(threshold, evidence, found)) return notMeasured(threshold, intentElsewhere)
  const value = valueOf(threshold, found, seconds)
  if (value === undefined) return notMeasured(threshold, 'no request has a measured time')
  const passed = holds(threshold, value)
  const certain = !passed && isCertain(threshold, found)
  const sameIfShorter =
    isOneWay(threshold, evidence, passed) || isSameAnyway(threshold, evidence, { passed, uncertain })
  return { expression, value, unit, passed, note: null, certain, sameIfShorter }
}

const intentElsewhere =
  "only requests are measured from the time at which they were due; remove 'intent:' from the threshold"

function isIntentElsewhere({ fromIntent }: Threshold, { requests }: Evidence, found: Subject): boolean {
  return fromIntent && found !== requests
}

/**
 * Returns true if shorter latencies can only lead to the same result. Shorter latencies lower times and failures, and raise rates. Exception: recorded
 * samples may be times between two events, and such a time becomes longer if burst notices the first event earlier.
 */
function isOneWay({ measure, operator }: Threshold, evidence: Evidence, passed: boolean): boolean {
  const isTime = measure.kind !== 'errors' && measure.kind !== 'rps'
  if (isTime && subjectOf(evidence) === evidence.recorded) return false
  return passed === operator.startsWith(measure.kind === 'rps' ? '>' : '<')
}

/**
 * Returns whether the threshold has the same result in the worst case. For a percentile of requests, the `uncertain` longest latencies are then the
 * shortest. For errors, `uncertain` of the failures are timeouts that burst itself caused. Returns false for other thresholds, and for latencies from
 * the time at which requests were due, because lag also makes these latencies longer.
 */
function isSameAnyway(
  threshold: Threshold,
  evidence: Evidence,
  { passed, uncertain }: { passed: boolean; uncertain: number },
): boolean {
  const { measure, fromIntent } = threshold
  const { lengths } = evidence.requests
  if (measure.kind === 'errors') return failsWithout(threshold, subjectOf(evidence), uncertain)
  if (measure.kind !== 'percentile' || fromIntent || lengths.count === 0) return false
  const percentile = measure.percentile - (100 * uncertain) / lengths.count
  const leastMs = percentile > 0 ? (lengths.percentileMs(percentile) ?? 0) : 0
  return holds(threshold, leastMs) === passed
}

/** Returns whether a threshold on errors fails even without the failures that burst itself caused, and without `uncertain` other failures. */
function failsWithout(threshold: Threshold, found: Subject | undefined, uncertain: number): boolean {
  if (!found) return false
  const failed = Math.max(found.generatorFailures, found.failed - uncertain)
  return isCertain(threshold, { ...found, failed })
}

/** Returns the first subject with at least one count, in this order: the check, the requests, the recorded samples, the steps. */
function subjectOf({ check, requests, recorded, steps }: Evidence): Subject | undefined {
  return [check, requests, recorded, steps].find(({ count }) => count > 0)
}

function notMeasured({ expression, unit }: Threshold, note: string | null): JudgedThreshold {
  return { expression, value: null, unit, passed: false, note, certain: false, sameIfShorter: false }
}

function valueOf({ measure }: Threshold, { count, failed, lengths }: Subject, loadSeconds: number): number | undefined {
  if (measure.kind === 'errors') return (100 * failed) / count
  return measure.kind === 'rps' ? rateOf(count, loadSeconds) : timeOf(measure, lengths)
}

/**
 * Returns the time in milliseconds that a threshold on a percentile, the mean, the minimum or the maximum judges; undefined when no time was
 * recorded.
 */
function timeOf(measure: Threshold['measure'], lengths: Distribution): number | undefined {
  if (lengths.count === 0) return undefined
  if (measure.kind === 'percentile') return lengths.percentileMs(measure.percentile)
  if (measure.kind === 'avg') return lengths.meanMs
  return (measure.kind === 'min' ? lengths.minUs : lengths.maxUs) / 1000
}

/** Returns whether a threshold on errors fails even without the failures that burst itself caused. Returns false for other thresholds. */
function isCertain(threshold: Threshold, { count, failed, generatorFailures }: Subject): boolean {
  if (threshold.measure.kind !== 'errors' || count === generatorFailures) return false
  return !holds(threshold, (100 * (failed - generatorFailures)) / (count - generatorFailures))
}

function nothingThere({ scope }: Threshold, { requests, metrics, steps, checks }: Measured): string {
  if (scope.kind === 'check') return noSuch(`no check is called '${scope.check}'`, [...checks.keys()], scope.check)
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
  return `${sentence}; existing names: ${few(closestFirst(wanted, there))}`
}
