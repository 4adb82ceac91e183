import { addTotals, gaps, isWhole } from '../shard/ledger.ts'
import { type RunPlan, shardOf } from '../plan/plan.ts'
import type { Completeness } from './results.ts'
import type { AttemptLedger, ShardState } from '../shard/shard.ts'
import { type Totals, zeroTotals } from '../window/wire.ts'
import { few, grouped, moment } from '../words.ts'

/** What completeness is judged by. */
export interface Evidence {
  plan: Pick<RunPlan, 'slices' | 'slicesPerShard' | 'windowMs'>
  shards: readonly ShardState[]
  /** What the windows hold, counted from rows and histograms while they were read, by shard. */
  tallies: ReadonlyMap<number, Totals>
  /** Invocations that ended with an error. */
  failed: readonly { slice: number; attempt: number; error: string }[]
  /** What could not be read, a sentence each. */
  unread: readonly string[]
  late: number
  unreadable: number
  /** Windows of the run's grid that anything was reported for. */
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
 * Whether everything that the workers counted is in the report. It is only if for every attempt the messages are all there, what was merged
 * equals the worker's own last totals, and the windows add up to what was merged, rows and histograms.
 */
export function judgeCompleteness(evidence: Evidence): Completeness {
  const ledgers = ledgersOf(evidence)
  const bySlice = Map.groupBy(ledgers, (ledger) => ledger.slice)
  const silent = evidence.plan.slices.filter(({ slice }) => !bySlice.has(slice))
  const lost = [
    ...evidence.unread,
    ...silent.map(({ slice }) => `slice ${slice}: nothing was reported${because(evidence, slice)}`),
    ...vanished(evidence, ledgers),
    ...ledgers.flatMap((ledger) => missingFrom(ledger, evidence)),
    ...evidence.shards.flatMap((shard) => mismatch(shard, evidence)),
  ]
  return {
    complete: lost.length === 0,
    slicesExpected: evidence.plan.slices.length,
    slicesReported: evidence.plan.slices.length - silent.length,
    windowsExpected: sum(ledgers.map(expected)) + silent.length * Math.max(1, evidence.windows),
    windowsMerged: sum(ledgers.map(received)),
    duplicatesDropped: sum(evidence.shards.map((shard) => shard.duplicatesDropped)),
    late: evidence.late,
    unreadable: evidence.unreadable,
    lost,
  }
}

/** Attempts of all shards, by slice and attempt. */
export function ledgersOf({ shards }: Pick<Evidence, 'shards'>): AttemptLedger[] {
  const all = shards.flatMap((shard) => [...shard.attempts.values()])
  return all.toSorted((a, b) => a.slice - b.slice || a.attempt - b.attempt)
}

function because({ failed }: Evidence, slice: number): string {
  const reasons = failed.filter((one) => one.slice === slice).map((one) => one.error)
  return reasons.length === 0 ? '' : ` (${few([...new Set(reasons)], 2)})`
}

/** Attempts that failed before they reported anything, while another attempt of their slice did report. */
function vanished({ failed }: Evidence, ledgers: readonly AttemptLedger[]): string[] {
  const known = new Set(ledgers.map(({ slice, attempt }) => `${slice}-${attempt}`))
  const slices = new Set(ledgers.map(({ slice }) => slice))
  return failed
    .filter(({ slice, attempt }) => slices.has(slice) && !known.has(`${slice}-${attempt}`))
    .toSorted((a, b) => a.slice - b.slice || a.attempt - b.attempt)
    .map(({ slice, attempt, error }) => `${title(slice, attempt)} failed before it reported anything (${error})`)
}

function missingFrom(ledger: AttemptLedger, evidence: Evidence): string[] {
  const what = title(ledger.slice, ledger.attempt)
  const said = gaps(ledger).map(
    ([from, to]) => `${what}, ${messages(from, to)} missing (${span(ledger, from, to, evidence)})`,
  )
  if (ledger.finalSequence === null) {
    const last = moment(((ledger.lastWindow + 1) * evidence.plan.windowMs) / 1000)
    said.push(
      `${what}: nothing more was reported after ${last}, its last message is missing${because(evidence, ledger.slice)}`,
    )
  }
  if (ledger.failure !== null) said.push(`${what} gave up: ${ledger.failure}`)
  return isWhole(ledger) ? [...said, ...disagreement(ledger, what)] : said
}

function disagreement(ledger: AttemptLedger, what: string): string[] {
  const key = measures.find((one) => ledger.totals[one] !== ledger.merged[one])
  if (key === undefined) return []
  return [`${what}: worker says ${grouped(ledger.totals[key])} ${words[key]}, merged ${grouped(ledger.merged[key])}`]
}

function mismatch(shard: ShardState, { tallies, plan }: Evidence): string[] {
  const merged = [...shard.attempts.values()].reduce((all, ledger) => addTotals(all, ledger.merged), zeroTotals)
  const tally = tallies.get(shard.shard) ?? zeroTotals
  const key = measures.find((one) => merged[one] !== tally[one])
  if (key === undefined) return []
  const slices = plan.slices
    .filter(({ slice }) => shardOf(plan, slice) === shard.shard)
    .map(({ slice }) => String(slice))
  const who = `${slices.length === 1 ? 'slice' : 'slices'} ${few(slices)}`
  return [`${who}: merged ${grouped(merged[key])} ${words[key]}, the windows hold ${grouped(tally[key])}`]
}

function title(slice: number, attempt: number): string {
  return attempt === 0 ? `slice ${slice}` : `slice ${slice}, attempt ${attempt}`
}

function messages(from: number, to: number): string {
  return from === to ? `message ${from}` : `messages ${from}–${to}`
}

/** About when: sequences are spread evenly from the attempt's first window to its last. */
function span(ledger: AttemptLedger, from: number, to: number, { plan }: Evidence): string {
  const first = ledger.attempt === 0 ? 0 : ledger.firstWindow
  const windowsPerMessage = (ledger.lastWindow + 1 - first) / Math.max(1, expected(ledger))
  const at = (sequence: number): string => moment(((first + sequence * windowsPerMessage) * plan.windowMs) / 1000)
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
