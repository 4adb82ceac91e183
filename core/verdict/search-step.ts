import type { SearchStep, StepSpan } from '../fleet/changes/search.ts'
import type { RunPlan } from '../plan/plan.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import { percentBeside } from '../words.ts'
import { isLoadDelayed, tooMany } from './generator/rule.ts'
import { judgeEvidence } from './judgement.ts'
import type { WindowEvidence } from './window-evidence.ts'
import { type JudgedThreshold, areSameIfShorter } from './work.ts'

/**
 * The maximum fraction for each of four problems of a step. The step breaks if no user was free for a larger fraction of the arrivals. The step is
 * unclear if a larger fraction is affected by another problem: arrivals for which burst was late, failures that burst itself caused, or requests that
 * have not ended.
 */
const mayMiss = 0.01
/**
 * The minimum delivered fraction of the planned user-seconds, or of the planned arrivals, in a step. The fraction is less than 1, because at any time
 * some users have ended and have not yet started again.
 */
const leastPresent = 0.95

/** The measurements of one step. */
interface Measured {
  model: RunPlan['model']
  span: StepSpan
  /** The thresholds that must hold at the load of the step. */
  until: readonly Threshold[]
  /** The evidence from the windows of the step: first the evidence for each threshold of `until`, and then the evidence for `overall`. */
  evidence: WindowEvidence
}

/**
 * A threshold that burst adds to the thresholds of a search, to get the counts of all requests of a step. burst ignores the result of this threshold.
 */
export const overall = 'p95 < 1h'

/**
 * Judges one step of a search. The first rule that applies determines the result:
 * - The step breaks if a threshold on errors fails even without the failures that burst itself caused.
 * - The step is unclear if burst, and not the target, determined the measurements. Latencies that may be too long make the step unclear only if
 * shorter latencies could change its result.
 * - The step is unclear if the scenario itself ended many users or arrivals, unless a threshold that has a value fails.
 * - The step breaks if any threshold fails or has no value, or if too many arrivals had no free user. This applies even if the load was less than
 * planned, because thresholds on latency and errors would also fail under the planned load. A threshold has no value if no matching request ended,
 * for example because the target did not answer during the whole step. Exception: the step is unclear if no failed threshold has counts, and all
 * requests of the step ended without a failure. In this case, users sent no matching request.
 * - The step is unclear if too many requests were open for a long time at the end of the step, or if the load was less than planned.
 * - Otherwise the load of the step holds.
 */
export function judgeStep({ model, span, until, evidence }: Measured): SearchStep {
  const { level, fromMs, toMs } = span
  const lengthS = (toMs - fromMs) / 1000
  const all = (evidence.thresholds[until.length] as Evidence).requests
  const { requests, uncertain: found } = evidence.judged
  // The requests of a worker's first second are not judged, so their latencies count as uncertain.
  const uncertain = found + Math.max(0, all.count - requests)
  const judgedAll = until.map((threshold, k) =>
    judgeEvidence(threshold, evidence.thresholds[k] as Evidence, { seconds: lengthS, uncertain }),
  )
  const figures = { requests: all.count, failures: all.failed, p95Ms: all.lengths.percentileMs(95) ?? null }
  const thresholds = judgedAll.map(inStep)
  return { level, fromMs, toMs, ...figures, ...outcome({ model, span, evidence }, judgedAll), thresholds }
}

function inStep({ expression, value, unit, passed, note }: JudgedThreshold): SearchStep['thresholds'][number] {
  return { expression, value, unit, passed, note: note ?? (value === null ? 'it had no values' : null) }
}

function outcome(
  { model, span, evidence }: Omit<Measured, 'until'>,
  thresholds: readonly JudgedThreshold[],
): Pick<SearchStep, 'result' | 'note'> {
  if (thresholds.some(({ certain }) => certain)) return { result: 'broke', note: null }
  const doubt = doubtOf({ model, span, evidence }, thresholds)
  if (doubt !== null) return { result: 'unclear', note: doubt }
  const pool = poolDropped(evidence)
  if (thresholds.some(({ passed }) => !passed) || pool !== null) return { result: 'broke', note: pool }
  const missing = unendedRequests(evidence) ?? missingLoad(model, span, evidence)
  return { result: missing === null ? 'held' : 'unclear', note: missing }
}

/**
 * Returns the reason why the step allows no conclusion about the target; null if there is no such reason. If there is such a reason, a threshold
 * that has no value does not break the step.
 */
function doubtOf(step: Omit<Measured, 'until'>, thresholds: readonly JudgedThreshold[]): string | null {
  return (
    generatorsDoubt(step.evidence, isSameIfShorter(step, thresholds)) ??
    endedByScenario(step, thresholds) ??
    unsent(step.evidence, thresholds)
  )
}

/**
 * Returns whether the step would have the same result with shorter latencies. Longer latencies occupy pooled users for longer, so a step that breaks
 * only because no user was free is not certain.
 */
function isSameIfShorter(
  { model, evidence }: Omit<Measured, 'until'>,
  thresholds: readonly JudgedThreshold[],
): boolean {
  const delaysLoad = isLoadDelayed(evidence.delayUs, model === 'users' ? evidence.userUs : null)
  return areSameIfShorter(thresholds, delaysLoad || poolDropped(evidence) !== null)
}

type Evidence = WindowEvidence['thresholds'][number]

/**
 * Returns a note if the step is too short for requests that users rarely send: the step has requests, all these requests ended without a failure, and
 * none of the failed thresholds has counts. In all other cases, returns null.
 */
function unsent({ thresholds, overdue }: WindowEvidence, judged: readonly JudgedThreshold[]): string | null {
  const failed = judged.filter(({ passed }) => !passed)
  const { count, failed: failures } = (thresholds.at(-1) as Evidence).requests
  const isUnsent = failed.length > 0 && failed.every(({ value, note }) => value === null && note === null)
  if (!isUnsent || count === 0 || failures > 0 || overdue > 0) return null
  return `'${failed[0]?.expression ?? ''}' has no value, because users sent no matching request: use a longer step, or a higher load in the first step`
}

/**
 * Returns the reason why burst, and not the target, determined the measurements of the step; null if the measurements describe the target.
 * @param sameIfShorter `true` if shorter latencies would not change the result of the step
 */
function generatorsDoubt({ judged, generatorErrors, arrivals }: WindowEvidence, sameIfShorter: boolean): string | null {
  const share = (part: number, whole: number): string => percentBeside(whole === 0 ? 0 : part / whole, mayMiss)
  if (tooMany(judged.late, judged.requests)) {
    return `generator-bound: ${share(judged.late, judged.requests)} of requests were sent late`
  }
  if (!sameIfShorter && tooMany(judged.uncertain, judged.requests)) {
    return `the latencies may be inaccurate: ${share(judged.uncertain, judged.requests)} of the latencies may be too long`
  }
  if (generatorErrors > mayMiss * Math.max(1, judged.requests)) {
    return `generator-bound: ${share(generatorErrors, Math.max(judged.requests, generatorErrors))} of requests failed on burst's own side`
  }
  const due = arrivals.started + arrivals.droppedPool + arrivals.droppedGenerator
  if (arrivals.droppedGenerator <= mayMiss * due) return null
  return `generator-bound: burst was late for ${share(arrivals.droppedGenerator, due)} of arrivals`
}

/**
 * Returns a sentence about arrivals for which no user was free; null if there are few such arrivals. burst assumes that many such arrivals mean that
 * the target is too slow for the rate.
 */
function poolDropped({ arrivals: { started, droppedPool, droppedGenerator } }: WindowEvidence): string | null {
  const due = started + droppedPool + droppedGenerator
  return droppedPool > mayMiss * due
    ? `no user was free for ${percentBeside(droppedPool / due, mayMiss)} of arrivals`
    : null
}

/**
 * Returns a sentence about requests that were open for a long time at the end of the step; null if there are few such requests. The latency and the
 * outcome of these requests are unknown, so the step does not show that the thresholds hold.
 */
function unendedRequests({ overdue, thresholds }: WindowEvidence): string | null {
  const ended = thresholds.at(-1)?.requests.count ?? 0
  const share = overdue === 0 ? 0 : overdue / (ended + overdue)
  if (share <= mayMiss) return null
  return `${percentBeside(share, mayMiss)} of requests had not ended, and were open for much longer than other requests: set a shorter timeout for these requests, or a longer step`
}

/**
 * Returns a sentence about users or arrivals that the scenario itself ended early; null if few ended early, or if a threshold failed with a measured
 * value. A user that has ended by itself does not come back in a later step.
 */
function endedByScenario(
  { model, span, evidence }: Omit<Measured, 'until'>,
  thresholds: readonly JudgedThreshold[],
): string | null {
  const isUsers = model === 'users'
  const ended = (isUsers ? evidence.leftUs / 1e6 : evidence.exhausted) / plannedIn(span)
  if (ended <= 1 - leastPresent || thresholds.some(({ passed, value }) => !passed && value !== null)) return null
  return isUsers
    ? `users that had ended by themselves were missing for ${percentBeside(ended, 1 - leastPresent)} of the planned user-seconds: they called stop(), or no row was left in a unique() feed`
    : `${percentBeside(ended, 1 - leastPresent)} of the planned arrivals ended early, because no row was left in a unique() feed`
}

function missingLoad(model: RunPlan['model'], span: StepSpan, evidence: WindowEvidence): string | null {
  const { arrivals, unserved, exhausted, userUs } = evidence
  // An arrival whose `onStart` found no row of data is counted in both `unserved` and `exhausted`.
  const ran = arrivals.started - Math.max(unserved, exhausted)
  const share = (model === 'users' ? userUs / 1e6 : ran) / plannedIn(span)
  if (share >= leastPresent) return null
  return `only ${percentBeside(share, leastPresent)} of the planned ${model === 'users' ? 'user-seconds' : 'arrivals'} happened`
}

/** Returns the planned user-seconds or arrivals of a step. */
function plannedIn({ level, fromMs, toMs }: StepSpan): number {
  return ((toMs - fromMs) / 1000) * level
}
