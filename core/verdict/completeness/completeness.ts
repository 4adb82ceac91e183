import { greatest, smallest } from '../../extremes.ts'
import { gaps, isWhole } from '../../shard/ledger.ts'
import { addTotals } from '../../window/totals.ts'
import type { FleetSlice } from '../../fleet/fleet.ts'
import { causeOfLoss, shortened, workersInWords } from './loss.ts'
import type { Completeness } from '../results.ts'
import type { AttemptLedger, ShardLedgers } from '../../shard/shard.ts'
import { type Totals, zeroTotals } from '../../window/message.ts'
import type { WorkerCell } from '../../window/window.ts'
import { grouped, moment } from '../../words.ts'

/** The data from which completeness is determined. */
export interface Evidence {
  /** The slices that should have sent messages. */
  slices: readonly Pick<FleetSlice, 'slice' | 'shard' | 'floor'>[]
  windowMs: number
  shards: readonly ShardLedgers[]
  /** The states of the workers, as the attempts reported them. */
  workers: readonly Pick<WorkerCell, 'slice' | 'attempt' | 'activeFromMs'>[]
  /** The totals of the windows by shard, computed from the rows and histograms of the windows. */
  tallies: ReadonlyMap<number, Totals>
  /** Epoch milliseconds. */
  startedAt: number
  /**
   * The time at which the run was stopped, in epoch milliseconds. A worker that sends its last message at this time or later has no successor.
   * Default: the run was not stopped.
   */
  stoppedAt?: number | null
  /** The invocations that ended with an error. */
  failed: readonly { slice: number; attempt: number; error: string }[]
  /**
   * The slices whose current attempt had not begun when the run was stopped. `attempt` is the number of the current attempt. This attempt and later
   * attempts sent no messages, so none of their messages is missing. Default: none.
   */
  unbegun?: readonly { slice: number; attempt: number }[]
  /** One error message for each stored object that could not be read. */
  unread: readonly string[]
  late: number
  unreadable: number
  /** The number of windows that contain counts. */
  windows: number
}

const words: Record<keyof Totals, string> = {
  requests: 'requests',
  failures: 'failures',
  exchanges: 'exchanges',
  interrupted: 'interrupted requests',
  latencies: 'measured latencies',
  intents: 'measured times from intent',
}
const measures = Object.keys(words) as (keyof Totals)[]

/**
 * Checks whether the report contains all counts of the workers. For every attempt, all messages must have arrived. The merged totals must equal the
 * totals in the worker's last message. The sum of the windows (rows and histograms) must equal the merged totals. In every shard, the sum of the
 * ledgers must equal the totals of the merged messages.
 */
export function judgeCompleteness(evidence: Evidence): Completeness {
  const ledgers = ledgersOf(evidence)
  const bySlice = Map.groupBy(ledgers, (ledger) => ledger.slice)
  const slices = evidence.slices.filter(({ slice }) => bySlice.has(slice) || !isUnbegun(evidence, slice, 0))
  const silent = slices.filter(({ slice }) => !bySlice.has(slice))
  const lost = [
    ...evidence.unread.map(shortened),
    ...inGroups(lossesOf(evidence, ledgers, silent), evidence),
    ...evidence.shards.flatMap((shard) => mismatch(shard, evidence)),
  ]
  return {
    complete: lost.length === 0,
    slicesExpected: slices.length,
    slicesReported: slices.length - silent.length,
    windowsExpected: sum(ledgers.map(expected)) + silent.length * Math.max(1, evidence.windows),
    windowsMerged: sum(ledgers.map(received)),
    duplicatesDropped: sum(evidence.shards.map((shard) => shard.duplicatesDropped)),
    late: evidence.late,
    unreadable: evidence.unreadable,
    lost,
  }
}

/**
 * Returns the attempts of all shards, sorted by slice and then by attempt.
 * @throws Error when a shard has archives whose contents were not added to the shard
 */
export function ledgersOf({ shards }: Pick<Evidence, 'shards'>): AttemptLedger[] {
  if (shards.some(({ archives }) => archives.length > 0)) throw new Error('the archives of a shard were not read')
  const all = shards.flatMap((shard) => [...shard.attempts.values()])
  return all.toSorted((a, b) => a.slice - b.slice || a.attempt - b.attempt)
}

/** The missing counts of one attempt. One sentence describes all losses that differ only in `slice` and `heardAt`. */
interface Loss {
  slice: number
  attempt: number
  /** Returns the part of the sentence after the worker's name. `many` is true if the sentence is about several workers. */
  what: (many: boolean) => string
  /** The time at which the last message of the attempt was sent, in epoch milliseconds. */
  heardAt?: number
  /** A description of what the next attempt of the slice did. */
  next?: string
}

function lossesOf(evidence: Evidence, ledgers: readonly AttemptLedger[], silent: readonly { slice: number }[]): Loss[] {
  return [
    ...silentLosses(evidence, silent),
    ...vanished(evidence, ledgers),
    ...ledgers.flatMap((ledger, k) => missingFrom(ledger, evidence, ledgers[k + 1])),
    ...unfollowed(evidence, ledgers),
  ]
}

function inGroups(losses: readonly Loss[], { startedAt }: Pick<Evidence, 'startedAt'>): string[] {
  const groups = Map.groupBy(losses, ({ attempt, what, next }) => `${attempt} ${what(false)} ${next}`)
  return [...groups.values()].map((group) => {
    const [{ attempt, what, next }] = group as [Loss, ...Loss[]]
    const who = `${workersInWords(group.map(({ slice }) => slice))}${attempt === 0 ? '' : `, attempt ${attempt},`}`
    const heard = group.flatMap(({ heardAt }) => heardAt ?? [])
    return `${who} ${what(group.length > 1)}${lastHeard(heard, startedAt)}${followed(next, group.length > 1)}`
  })
}

function lastHeard(heard: readonly number[], startedAt: number): string {
  if (heard.length === 0) return ''
  const at = (epochMs: number): string => moment((epochMs - startedAt) / 1000)
  const [from, to] = [at(smallest(heard, Number)), at(greatest(heard, Number))]
  return from === to ? `; last message at ${from}` : `; last message between ${from} and ${to}`
}

/**
 * Returns the last two clauses of a sentence about a loss. The first clause states that requests after the last message are not counted. The second
 * clause describes what the next attempt did. Returns '' if no later attempt of the slice reported.
 */
function followed(next: string | undefined, many: boolean): string {
  if (next === undefined) return ''
  return `; ${many ? 'their' : 'its'} later work is not counted; ${next}`
}

/**
 * Describes what the next attempt did with the users of a lost attempt. If the coordinator started the next attempt as a replacement, this attempt
 * continued all of the users. If the next attempt began with a hand-over, this attempt may have received only some of the users.
 */
function nextInWords(
  { slice, attempt }: AttemptLedger,
  { slices, workers }: Pick<Evidence, 'slices' | 'workers'>,
): string {
  const cell = workers.find((one) => one.slice === slice && one.attempt === attempt)
  if (!cell || cell.activeFromMs === null) return `attempt ${attempt} had no users`
  const floor = slices.find((one) => one.slice === slice)?.floor.attempt ?? attempt
  return `attempt ${attempt} ${attempt > floor ? 'took over' : 'continued'}`
}

/** Returns a loss for each slice that sent no message. */
function silentLosses({ failed }: Evidence, silent: readonly { slice: number }[]): Loss[] {
  return silent.map(({ slice }) => {
    const failure = failed.find((one) => one.slice === slice)
    return { slice, attempt: 0, what: failure ? failureInWords(failure.error, beforeAll) : () => 'reported nothing' }
  })
}

const beforeAll = ' before it reported anything'

/** Returns a loss for each attempt that failed before its first message, if another attempt of the same slice sent messages. */
function vanished({ failed }: Evidence, ledgers: readonly AttemptLedger[]): Loss[] {
  const known = new Set(ledgers.map(({ slice, attempt }) => `${slice}-${attempt}`))
  const slices = new Set(ledgers.map(({ slice }) => slice))
  return failed
    .filter(({ slice, attempt }) => slices.has(slice) && !known.has(`${slice}-${attempt}`))
    .toSorted((a, b) => a.slice - b.slice || a.attempt - b.attempt)
    .map(({ slice, attempt, error }) => ({ slice, attempt, what: failureInWords(error, beforeAll) }))
}

/**
 * Returns a part of a sentence such as `ran out of memory` or `was killed (out of memory or killed from outside)`. If the cause does not begin with
 * `it was` or `it ran`, the part is `failed: <cause>`.
 */
function failureInWords(error: string, when = ''): Loss['what'] {
  const cause = causeOfLoss(error)
  const [, verb, rest] = /^it (was|ran) (.*)$/s.exec(cause) ?? []
  return (many) => {
    const before = many ? when.replace('it', 'they') : when
    if (verb === undefined) return `failed${before}: ${cause}`
    return `${many && verb === 'was' ? 'were' : verb} ${rest}${before}`
  }
}

/**
 * Returns a loss for each hand-over to a worker that sent no message. Omits hand-overs after the stop of the run, and hand-overs to a worker that had
 * not begun at the stop. Also omits hand-overs to a worker that failed, because `vanished` returns a loss for this worker.
 */
function unfollowed(evidence: Evidence, ledgers: readonly AttemptLedger[]): Loss[] {
  const { stoppedAt, failed } = evidence
  const last = new Map(ledgers.map((ledger) => [ledger.slice, ledger]))
  const left = [...last.values()].filter(
    ({ handedOver, lastSentAt }) => handedOver && !(stoppedAt != null && lastSentAt >= stoppedAt),
  )
  const began = left.filter(({ slice, attempt }) => !isUnbegun(evidence, slice, attempt + 1))
  const alone = began.filter(
    ({ slice, attempt }) => !failed.some((one) => one.slice === slice && one.attempt > attempt),
  )
  return alone.map(({ slice, attempt, lastSentAt }) => {
    return {
      slice,
      attempt,
      what: () => 'handed its users over, and the next worker reported nothing',
      heardAt: lastSentAt,
    }
  })
}

/** Returns true if neither `attempt` nor a later attempt of the slice had begun when the run was stopped. */
function isUnbegun({ unbegun = [] }: Evidence, slice: number, attempt: number): boolean {
  return unbegun.some((one) => one.slice === slice && one.attempt <= attempt)
}

/**
 * Returns the losses of one attempt: missing messages, a missing final message, the reason why the worker gave up, and totals that differ from the
 * worker's own totals. An attempt without losses gives an empty list.
 * @param following the next attempt that reported; ignored if it belongs to another slice
 */
function missingFrom(ledger: AttemptLedger, evidence: Evidence, following: AttemptLedger | undefined): Loss[] {
  const { slice, attempt } = ledger
  const next = following?.slice === slice ? { next: nextInWords(following, evidence) } : {}
  const lost: Loss[] = gaps(ledger).map(([from, to]) => {
    const gap = `${messages(from, to)} missing (${span(ledger, from, to, evidence)})`
    return { slice, attempt, what: (many) => `${many ? 'have' : 'has'} ${gap}` }
  })
  if (ledger.finalSequence === null)
    lost.push({ slice, attempt, what: lossOf(ledger, evidence), heardAt: ledger.lastSentAt, ...next })
  const { failure } = ledger
  if (failure !== null) lost.push({ slice, attempt, what: () => `gave up: ${shortened(failure)}` })
  return isWhole(ledger) ? [...lost, ...disagreement(ledger)] : lost
}

/** Describes the end of a worker whose last message is missing. */
function lossOf({ slice, attempt }: AttemptLedger, { failed }: Evidence): Loss['what'] {
  const failure = failed.find((one) => one.slice === slice && one.attempt === attempt)
  return failure ? failureInWords(failure.error) : () => 'stopped reporting early'
}

function disagreement({ slice, attempt, totals, merged }: AttemptLedger): Loss[] {
  const key = measures.find((one) => totals[one] !== merged[one])
  if (key === undefined) return []
  return [
    {
      slice,
      attempt,
      what: () => `counted ${grouped(totals[key])} ${words[key]}, but ${grouped(merged[key])} were merged`,
    },
  ]
}

/**
 * Compares the three independent sums of a shard: the merged messages, the ledgers, and the windows. Does not compare the sums if an archive could
 * not be read, because the ledgers and the windows then belong to different messages. In this case, the report already names the archive.
 */
function mismatch(shard: ShardLedgers, { tallies, slices }: Evidence): string[] {
  if (shard.isPartial) return []
  const ledgers = [...shard.attempts.values()].reduce((all, ledger) => addTotals(all, ledger.merged), zeroTotals)
  const tally = tallies.get(shard.shard) ?? zeroTotals
  const { merged } = shard
  const key = measures.find((one) => merged[one] !== ledgers[one] || merged[one] !== tally[one])
  if (key === undefined) return []
  const mine = slices.filter((one) => one.shard === shard.shard)
  const [all, inLedgers, inWindows] = [merged, ledgers, tally].map((sums) => grouped(sums[key]))
  const what =
    all === inLedgers
      ? `${all} ${words[key]} were merged, but the windows contain ${inWindows}`
      : `${all} ${words[key]} were merged, but the ledgers of the attempts contain ${inLedgers} and the windows contain ${inWindows}`
  return [`${workersInWords(mine.map(({ slice }) => slice))}: ${what}`]
}

function messages(from: number, to: number): string {
  return from === to ? `message ${from}` : `messages ${from}–${to}`
}

/**
 * Returns the approximate time that missing messages cover, e.g. `00:05–00:10`. Assumes that the messages of the attempt are spread evenly from its
 * first to its last window.
 */
function span(ledger: AttemptLedger, from: number, to: number, { windowMs }: Evidence): string {
  const first = ledger.attempt === 0 ? 0 : ledger.firstWindow
  const windowsPerMessage = (ledger.lastWindow + 1 - first) / Math.max(1, expected(ledger))
  const at = (sequence: number): string => moment(((first + sequence * windowsPerMessage) * windowMs) / 1000)
  return `${at(from)}–${at(to + 1)}`
}

function expected(ledger: AttemptLedger): number {
  return ledger.finalSequence === null
    ? ledger.received.next + 1
    : Math.max(ledger.received.next, ledger.finalSequence + 1)
}

function received({ received: { next, missing } }: AttemptLedger): number {
  return next - missing.length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
