import type { GeneratorCounts } from '../../window/generator-counts.ts'

/**
 * The tolerated fraction of affected requests or arrivals. A request is affected if it was late, if its latency is inaccurate, or if burst caused its
 * failure. An arrival is affected if burst was late for the arrival.
 */
export const tolerated = 0.01
/**
 * The minimum number of late requests, of late arrivals, or of uncertain latencies for a finding about a finished run. The rules `failed` and `load`
 * have no minimum.
 */
const enough = 3
/** The minimum load, as a fraction of the load that the same users would have caused without lag. */
const leastLoad = 0.98
/**
 * The mean lag in milliseconds that is always tolerated. The limit is lower for users that do not wait between requests, because each millisecond of
 * lag reduces the number of these users' requests.
 */
const toleratedLagMs = { waiting: 5, unpaced: 1 }
/** In a run in progress, a finding is provisional while fewer than this number of requests or arrivals are affected. */
const sureFrom = 10
/**
 * In a run in progress, a loss of load is provisional until this number of requests has been judged, because the first requests also open
 * connections.
 */
const sureLoadFrom = 300

/** The broken rule: `uncertain` means that the latencies may be inaccurate; each other value means that the run is generator-bound. */
export type Rule = 'late' | 'load' | 'arrivals' | 'failed' | 'uncertain'

export interface Broken {
  rule: Rule
  /**
   * The number of affected requests or arrivals, out of `of`. For the rule `load`, `part` is the load as a fraction of the load without lag, and `of`
   * is 1.
   */
  part: number
  of: number
  /**
   * For a run in progress, `true` if at least 10 requests or arrivals are affected (for the rule `load`: if at least 300 requests have been judged).
   * `true` means that the run would be inconclusive if it ended now. Always true for a finished run.
   */
  isSure: boolean
}

/** The users whose load is judged. */
export interface JudgedLoad {
  /** `true` if the load consists of users and not of arrivals. */
  isClosed: boolean
  /** `true` if no class has a wait. */
  unpaced: boolean
}

/**
 * Returns whether delays of the generator lowered the load by more than 2 %, because users waited for responses that had already arrived.
 * @param delayUs the sum of the delays in microseconds
 * @param userUs the time in which users existed, in microseconds; null with arrivals, whose number does not depend on the delays
 */
export function isLoadDelayed(delayUs: number, userUs: number | null): boolean {
  return userUs !== null && delayUs > (1 - leastLoad) * userUs
}

/** Returns the limit of a rule, as a fraction. */
export function limitOf(rule: Rule): number {
  return rule === 'load' ? leastLoad : tolerated
}

/** Returns whether at least 3 requests, and more than 1 % of all requests, are affected. */
export function tooMany(part: number, whole: number): boolean {
  return part >= enough && part > tolerated * whole
}

/** Returns the rules that a finished run breaks. */
export function brokenRules(counts: GeneratorCounts, load: JudgedLoad): Broken[] {
  return brokenSoFar(counts, load)
    .filter(({ rule, part, of }) => rule === 'load' || rule === 'failed' || tooMany(part, of))
    .map((one) => ({ ...one, isSure: true }))
}

/** Returns the rules that a run in progress has broken so far, even if too few requests are affected for a finding. */
export function brokenSoFar(counts: GeneratorCounts, load: JudgedLoad): Broken[] {
  const shares: [Rule, part: number, of: number][] = [
    ['late', counts.late, counts.judged],
    ['arrivals', counts.arrivalsLate, counts.arrivalsDue],
    ['failed', counts.failed, Math.max(counts.sent, counts.failed)],
    ['uncertain', counts.uncertain, counts.judged],
  ]
  const broken = shares
    .filter(([, part, of]) => part > tolerated * of)
    .map(([rule, part, of]) => ({ rule, part, of, isSure: part >= sureFrom }))
  const lost = lostLoad(counts, load)
  return lost === null
    ? broken
    : [...broken, { rule: 'load', part: lost, of: 1, isSure: counts.judged >= sureLoadFrom }]
}

/** Returns the load of the users, as a fraction (0–1) of the load that the same users would have caused without lag; null with arrivals. */
export function loadShareOf({ lostUs, regainedUs, userUs }: GeneratorCounts, { isClosed }: JudgedLoad): number | null {
  if (!isClosed || userUs <= 0) return null
  return Math.min(1, Math.max(0, 1 - (lostUs - regainedUs) / userUs))
}

function lostLoad(counts: GeneratorCounts, load: JudgedLoad): number | null {
  // Does not judge the load if all requests ended in the first second of their worker, because workers open connections and compile code in this
  // second. Exception: the load is judged if users also performed other actions, such as waits for WebSocket messages. The lags of these actions make
  // `lags` greater than `sent`.
  if (counts.judged === 0 && counts.lags <= counts.sent) return null
  const share = loadShareOf(counts, load)
  const meanLostMs = counts.lags === 0 ? 0 : (counts.lostUs - counts.regainedUs) / counts.lags / 1000
  const mayLoseMs = load.unpaced ? toleratedLagMs.unpaced : toleratedLagMs.waiting
  return share === null || share >= leastLoad || meanLostMs <= mayLoseMs ? null : share
}
