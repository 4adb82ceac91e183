import type { Totals } from '../window/message.ts'
import type { Window } from '../window/window.ts'

/** The state of one shard of the reducer: `runs/<run>/shards/<g>.json`, changed only by compare-and-swap. Its size is bounded. */
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
  /** Immutable objects in the store, each with a window's content. One window may have several: merging them is a union. */
  sealed: SealedWindow[]
  duplicatesDropped: number
}

export interface AttemptLedger {
  slice: number
  attempt: number
  /** The sequence numbers that have been merged. */
  received: Sequences
  /** The sequence number of the final message; null while it is missing. */
  finalSequence: number | null
  /** Whether its final message said that another attempt continues its users. Default false. */
  handedOver?: boolean
  /** The worker's own totals, from the message with the highest sequence number. */
  totals: Totals
  totalsSequence: number
  /** The totals of what was merged, counted from the rows and histograms themselves. */
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

/** A set of sequence numbers: all below `next` except `missing`. The ranges stay small because gaps close. */
export interface Sequences {
  next: number
  missing: number[]
}

/** The state of a shard before its first message. */
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

/**
 * A reference to an object in the store. Each reference counts, even two references to the same key, because two contents may be equal. The
 * references of one minute are in the order in which they were sealed.
 */
export interface SealedWindow {
  /** The first one that it holds. */
  window: number
  key: string
  /** All that it holds. Default: `window`. */
  windows?: number[]
  /** How many windows, or parts of them, were put together in it. Default 1. */
  pieces?: number
  /** It could not be read when its minute was compacted. */
  unreadable?: true
}
