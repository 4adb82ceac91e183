import type { Totals } from '../window/message.ts'
import type { Window } from '../window/window.ts'

/** What one shard of the reducer knows: `runs/<run>/shards/<g>.json`, changed only by compare-and-swap. Small and bounded. */
export interface ShardState {
  v: 1
  run: string
  shard: number
  /** Set by finalise; after that, no more messages are merged. */
  closed: boolean
  /** The shard's own clock: the latest `sentAt` it has merged, epoch milliseconds; 0 at first. */
  clockMs: number
  /** By `slice-attempt`. */
  attempts: Map<string, AttemptLedger>
  /** Windows that may still change, by their place on the grid. */
  open: Map<number, Window>
  /** Immutable objects in the store, each a window's content. One window may have several: merging them is a union. */
  sealed: SealedWindow[]
  duplicatesDropped: number
}

export interface AttemptLedger {
  slice: number
  attempt: number
  /** Sequences that have been merged. */
  received: Sequences
  /** Sequence of the message that was marked final; null while it is missing. */
  finalSequence: number | null
  /** Its final message said that another attempt continues with its users. Default false. */
  handedOver?: boolean
  /** What the worker said it had counted, from the highest sequence merged. */
  totals: Totals
  totalsSequence: number
  /** What was merged, counted from the rows and histograms themselves. */
  merged: Totals
  firstWindow: number
  lastWindow: number
  lastSentAt: number
  /** The latest second (since the run's start) that was reported; −1 at first. */
  latestSecond: number
  /** Users alive and draining in that second. */
  users: number
  draining: number
  failure: string | null
}

/** A set of sequence numbers: all below `next`, but for `missing`; ranges stay small because gaps close. */
export interface Sequences {
  next: number
  missing: number[]
}

/** What a shard knows before its first message. */
export function newShardState(run: string, shard: number): ShardState {
  return {
    v: 1,
    run,
    shard,
    closed: false,
    clockMs: 0,
    attempts: new Map(),
    open: new Map(),
    sealed: [],
    duplicatesDropped: 0,
  }
}

/** A reference to an object in the store. Each reference counts, even two to one key: two contents may have been alike. */
interface SealedWindow {
  window: number
  key: string
}
