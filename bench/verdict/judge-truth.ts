import type { Case } from './cases.ts'

/** Measurements of a run that come from the target and from a reference client, and not from burst. */
export interface Evidence {
  /**
   * Four numbers per request: (1) the time at which the user continued after the response, in epoch milliseconds; (2) the measured latency minus the
   * target's response time, in milliseconds; (3) the index of the request in the target's log; (4) the duration of the user's code, in milliseconds.
   */
  samples: Float64Array
  /** Three numbers per request, in the format of the log of `exact-delay-target.ts`. */
  log: Float64Array
  /**
   * The measurement error of a reference client with bare sockets, in milliseconds: the median latency that the client measured, minus the median
   * latency that its target recorded.
   */
  floorMs: number
}

/** The effect of the generator on a run, computed from the target's log and the samples of the users. */
export interface Truth {
  /** The fraction of latencies that are too long by more than 1 ms and by more than 5 % of the median latency. */
  uncertainShare: number
  /** The fraction of requests that are late by more than 5 ms and by more than 10 % of the median latency. */
  lateShare: number
  /** The number of sent requests, divided by the number of requests that the same users would have sent without delays. */
  loadShare: number
  /** The mean lateness of a request, in milliseconds. */
  lateMs: number
  /** The true verdict. `near`: a value is too close to a limit for a decision. */
  verdict: 'bound' | 'inaccurate' | 'healthy' | 'near'
}

/** The limits that docs/report.md states. */
const limits = { share: 0.01, errorMs: 1, errorPart: 0.05, lateMs: 5, latePart: 0.1, load: 0.98 }
/** A loss of load is tolerated as long as the mean lateness does not exceed this value, in milliseconds. */
const toleratedMs = { unpaced: 1, paced: 5 }
/** Requests of the first second are not judged. */
const warmUpMs = 1_000

export function judgeTruth(one: Case, { samples, log, floorMs }: Evidence): Truth {
  const chains = chainsOf(log, answersOf(samples))
  const p50 = medianOf(log, 3, 2) + floorMs
  const errors = errorsOf(samples, floorMs)
  const { late, loadShare } = one.wait.kind === 'pacing' ? paced(one.wait.ms, chains) : closed(one, chains, floorMs)
  const figures = {
    uncertainShare: shareAbove(errors, Math.max(limits.errorMs, limits.errorPart * p50)),
    lateShare: shareAbove(late, Math.max(limits.lateMs, limits.latePart * p50)),
    loadShare,
    lateMs: late.reduce((sum, ms) => sum + ms, 0) / Math.max(1, late.length),
  }
  return { ...figures, verdict: verdictOf(one, figures) }
}

function verdictOf(
  { wait }: Case,
  { uncertainShare, lateShare, loadShare, lateMs }: Omit<Truth, 'verdict'>,
): Truth['verdict'] {
  const tolerated = wait.kind === 'none' ? toleratedMs.unpaced : toleratedMs.paced
  const lost = 1 - loadShare
  const allowed = 1 - limits.load
  if (lateShare > 2 * limits.share || (lost > 1.5 * allowed && lateMs > 1.5 * tolerated)) return 'bound'
  const wasPlanned = lateShare < limits.share / 2 && (lost < allowed / 2 || lateMs < tolerated / 1.5)
  return wasPlanned ? accuracyOf(uncertainShare) : 'near'
}

function accuracyOf(uncertainShare: number): Truth['verdict'] {
  if (uncertainShare > 2 * limits.share) return 'inaccurate'
  return uncertainShare < limits.share / 2 ? 'healthy' : 'near'
}

/** A user's measurements of one answer, in milliseconds. */
interface Answer {
  errorMs: number
  codeMs: number
}

interface Arrival {
  atMs: number
  tookMs: number
  /** Undefined if the answer did not reach the user, for example because the run ended. */
  answer: Answer | undefined
}

/** Returns the answers. The key is the index of the request in the target's log. */
function answersOf(samples: Float64Array): Map<number, Answer> {
  const answers = new Map<number, Answer>()
  for (let k = 0; k < samples.length; k += 4) {
    const [, errorMs = 0, entry = 0, codeMs = 0] = samples.subarray(k, k + 4)
    answers.set(entry, { errorMs, codeMs })
  }
  return answers
}

/** Returns the requests of each connection in chronological order, without the requests of the first second. */
function chainsOf(log: Float64Array, answers: ReadonlyMap<number, Answer>): Arrival[][] {
  const chains = new Map<number, Arrival[]>()
  const fromMs = leastOf(log, 3, 1) + warmUpMs
  for (let k = 0; k < log.length; k += 3) {
    const [connection = 0, atMs = 0, tookMs = 0] = log.subarray(k, k + 3)
    const chain = chains.get(connection) ?? []
    if (atMs >= fromMs) chain.push({ atMs, tookMs, answer: answers.get(k / 3) })
    chains.set(connection, chain)
  }
  return [...chains.values()].map((chain) => chain.toSorted((a, b) => a.atMs - b.atMs))
}

interface Lateness {
  late: number[]
  loadShare: number
}

/**
 * Measures the lateness of users without pacing. A request is late if it arrives at the target later than expected. The expected time since the
 * previous request is the sum of the target's response time, the error of the previous latency (at least `floorMs`, for the network), the wait, and
 * the time of the user's code. If burst reads an answer late, the measured latency is too long, and the wait begins later. This delay is the error of
 * the latency. It does not count as lateness, because `errorsOf` measures it.
 */
function closed({ wait }: Case, chains: readonly Arrival[][], floorMs: number): Lateness {
  const waitMs = wait.kind === 'none' ? 0 : wait.ms
  const late: number[] = []
  let [ideal, actual] = [0, 0]
  for (const chain of chains) {
    for (let k = 1; k < chain.length; k++) {
      const [before, now] = [chain[k - 1] as Arrival, chain[k] as Arrival]
      if (!before.answer) continue
      const meantMs = before.tookMs + Math.max(floorMs, before.answer.errorMs) + waitMs + before.answer.codeMs
      const cycleMs = now.atMs - before.atMs
      late.push(Math.max(0, cycleMs - meantMs))
      ideal += meantMs
      actual += cycleMs
    }
  }
  return { late, loadShare: actual === 0 ? 1 : Math.min(1, ideal / actual) }
}

/**
 * Measures the lateness of users with pacing. The k-th request of a user belongs to the k-th slot of this user. The target's log does not contain the
 * times of the slots. The first slot of each user is therefore chosen so that no request is earlier than its slot, and the most punctual request has
 * a lateness of 0.
 */
function paced(everyMs: number, chains: readonly Arrival[][]): Lateness {
  const late: number[] = []
  let [came, planned] = [0, 0]
  const endMs = Math.max(...chains.map((chain) => chain.at(-1)?.atMs ?? 0))
  for (const chain of chains) {
    const offsets = chain.map(({ atMs }, k) => atMs - k * everyMs)
    const base = offsets.reduce((least, ms) => Math.min(least, ms), Infinity)
    for (const offset of offsets) late.push(offset - base)
    came += chain.length
    planned += Math.max(chain.length, Math.floor((endMs - base) / everyMs))
  }
  return { late, loadShare: planned === 0 ? 1 : came / planned }
}

function errorsOf(samples: Float64Array, floorMs: number): number[] {
  const fromMs = leastOf(samples, 4, 0) + warmUpMs
  const errors: number[] = []
  for (let k = 0; k < samples.length; k += 4) {
    if ((samples[k] as number) >= fromMs) errors.push((samples[k + 1] as number) - floorMs)
  }
  return errors
}

function shareAbove(values: readonly number[], limit: number): number {
  return values.length === 0 ? 0 : values.filter((value) => value > limit).length / values.length
}

function leastOf(values: Float64Array, stride: number, place: number): number {
  let least = Infinity
  for (let k = place; k < values.length; k += stride) least = Math.min(least, values[k] as number)
  return least
}

function medianOf(values: Float64Array, stride: number, place: number): number {
  const picked = values.filter((_, k) => k % stride === place).toSorted()
  return picked[Math.floor(picked.length / 2)] ?? 0
}
