import type { RunPlan } from '../../../core/plan/plan.ts'
import { currentLedgers } from '../../../core/shard/archive.ts'
import { decodeShardState } from '../../../core/shard/shard-codec.ts'
import type { AttemptLedger, ShardState } from '../../../core/shard/shard.ts'
import { keys } from '../../keys.ts'
import type { Environment } from '../../ports.ts'

/**
 * A worker counts as silent if its shard makes progress for more than this number of windows, but merges no message of the worker. If `flushMs` is
 * longer than a window, the worker counts as silent after this number of `flushMs` intervals.
 */
const silentWindows = 3

/** The greatest difference between the clocks of workers and coordinator that burst assumes, in milliseconds. */
const clocksMs = 2_000

/** Returns the time of silence after which a worker counts as lost, in milliseconds. */
function silenceOf({ windowMs, flushMs }: Pick<RunPlan, 'windowMs' | 'flushMs'>): number {
  return silentWindows * Math.max(windowMs, flushMs)
}

/** Returns a text that says why a silent worker counts as lost. */
export function silenceInWords(plan: Pick<RunPlan, 'windowMs' | 'flushMs'>): string {
  return `the worker reported nothing for ${silenceOf(plan) / 1000} s, although other workers of its shard reported`
}

/**
 * The last message of a worker, or the last message in a shard: two times in epoch milliseconds. `sentAt` is the time at which the message was sent,
 * according to the sender's clock. `seenAt` is the time at which the coordinator saw the message.
 */
export interface Heard {
  sentAt: number
  seenAt: number
}

/**
 * Returns whether a worker is silent while its shard makes progress. Both clocks must show the silence. According to the coordinator's clock alone, a
 * worker would seem silent while its shard merges old messages. According to the senders' clocks alone, a worker would seem silent if one of these
 * clocks is wrong.
 */
export function isSilent(worker: Heard, shard: Heard, silenceMs: number): boolean {
  return shard.sentAt - worker.sentAt > silenceMs && shard.seenAt - worker.seenAt > silenceMs
}

interface KnownShard extends Heard {
  etag: string
  ledgers: AttemptLedger[]
  /** The start of the current period in which the shard makes progress without a pause, in epoch milliseconds on the coordinator's clock. */
  movingSince: number
}

interface HeardRun {
  plan: RunPlan
  env: Pick<Environment, 'store' | 'clock'>
  /**
   * The time, in epoch milliseconds, at which the previous coordinator last saw a newly merged message. Undefined if the previous coordinator did not
   * store this time for its hand-over.
   */
  newsAt?: number | undefined
}

/** Records which messages of a run have been merged, and when the coordinator saw that they were merged. */
export class Hearing {
  readonly #run: HeardRun
  readonly #onShard: (state: ShardState) => void
  readonly #shards = new Map<number, KnownShard>()
  /** For each attempt (key: `slice-attempt`), its last message and the number of its merged messages. */
  readonly #workers = new Map<string, Heard & { messages: number }>()
  /**
   * `true` if the previous coordinator stored the time of the last new message, and this coordinator has not read the shards yet. The first read does
   * not change `lastNewsAt`, because the previous coordinator may already have seen all messages in the shards.
   */
  #isContinued: boolean
  /**
   * The time, in epoch milliseconds, at which the coordinator last saw a newly merged message. Until the coordinator sees the first message, the time
   * is `HeardRun.newsAt`, or else the time at which this object was created.
   */
  lastNewsAt: number

  /** @param onShard receives each shard state that was read */
  constructor(run: HeardRun, onShard: (state: ShardState) => void = () => undefined) {
    this.#run = run
    this.#onShard = onShard
    this.#isContinued = run.newsAt !== undefined
    this.lastNewsAt = run.newsAt ?? run.env.clock.nowMs()
  }

  /** Reads the shards that have changed. */
  async read(shards: number): Promise<void> {
    const numbers = Array.from({ length: shards }, (_, shard) => shard)
    const news = await Promise.all(numbers.map((shard) => this.#readShard(shard)))
    const isChanged = news.includes(true)
    if (isChanged && !this.#isContinued) this.lastNewsAt = this.#run.env.clock.nowMs()
    this.#isContinued = false
  }

  /** The ledgers by which the run is judged now. For each shard, these are the ledgers that `currentLedgers` returns. */
  get ledgers(): AttemptLedger[] {
    return [...this.#shards.values()].flatMap(({ ledgers }) => ledgers)
  }

  /**
   * Returns whether an attempt is silent. An attempt that has sent its last message is not silent. `since` is the time, in epoch milliseconds, from
   * which the attempt should have sent messages.
   */
  isSilent({ slice, shard, attempt }: { slice: number; shard: number; attempt: number }, since: number): boolean {
    const known = this.#shards.get(shard)
    if (!known) return false
    const ledger = known.ledgers.find((one) => one.slice === slice && one.attempt === attempt)
    if (ledger && ledger.finalSequence !== null) return false
    const { sentAt = 0, seenAt = 0 } = this.#workers.get(`${slice}-${attempt}`) ?? {}
    // After a period without progress, a shard may merge the messages of its workers in any order. The silence of each worker is therefore measured
    // from the end of this period.
    const heard = { sentAt: Math.max(since, sentAt), seenAt: Math.max(since, seenAt, known.movingSince) }
    return isSilent(heard, known, silenceOf(this.#run.plan))
  }

  /**
   * Returns whether messages of a slice may still be waiting to be merged. `lostAt` is the time at which the slice was lost, in epoch milliseconds;
   * null if the slice is not lost or the time is unknown. Returns true if `lostAt` is null. The queue delivers the messages of a shard in order. All
   * messages of the slice have therefore been merged if two conditions hold: the shard has merged a message that was sent at least 2 s (`clocksMs`)
   * after `lostAt`, and no sequence number of the slice is missing.
   */
  mayBeBehind({ slice, shard }: { slice: number; shard: number }, lostAt: number | null): boolean {
    const known = this.#shards.get(shard)
    if (lostAt === null || !known || known.sentAt < lostAt + clocksMs) return true
    return known.ledgers.some((one) => one.slice === slice && one.received.missing.length > 0)
  }

  async #readShard(shard: number): Promise<boolean> {
    const { plan, env } = this.#run
    const stored = await env.store.get(keys.shard(plan.run, shard))
    if (!stored || stored.etag === this.#shards.get(shard)?.etag) return false
    const state = decodeShardState(stored.body)
    this.#onShard(state)
    const { clockMs, attempts } = state
    const seenAt = env.clock.nowMs()
    const ledgers = currentLedgers(state)
    const before = this.#shards.get(shard)
    const stoodStill = !before || seenAt - before.seenAt > silenceOf(plan) / 2
    const movingSince = stoodStill ? seenAt : before.movingSince
    this.#shards.set(shard, { etag: stored.etag, ledgers, sentAt: clockMs, seenAt, movingSince })
    for (const ledger of attempts.values()) this.#hear(ledger, seenAt)
    return true
  }

  #hear({ slice, attempt, received: { next, missing }, lastSentAt }: AttemptLedger, seenAt: number): void {
    const key = `${slice}-${attempt}`
    const messages = next - missing.length
    if (this.#workers.get(key)?.messages === messages) return
    this.#workers.set(key, { messages, sentAt: lastSentAt, seenAt })
  }
}
