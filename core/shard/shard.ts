import { type GeneratorCounts, noGeneratorCounts } from '../window/generator-counts.ts'
import type { Totals } from '../window/message.ts'
import type { Window } from '../window/window.ts'

/** The state of one shard of the reducer: `runs/<run>/shards/<g>.json`, changed only by compare-and-swap. Its size is bounded. */
export interface ShardState {
  v: 1
  run: string
  shard: number
  /** Set by finalise. After that, no message is merged. */
  closed: boolean
  /** The shard's own clock: the latest `sentAt` it has merged, epoch milliseconds; 0 at first. */
  clockMs: number
  /** By `slice-attempt`. */
  attempts: Map<string, AttemptLedger>
  /** Open windows, which may still change, by their place on the grid. */
  open: Map<number, Window>
  /** References to immutable objects in the store. One window may have several objects. Its content is their sum. */
  sealed: SealedWindow[]
  duplicatesDropped: number
  /** Sums over all merged messages. The live view judges the generator by these sums, because it does not read sealed windows. */
  generator: GeneratorCounts
}

/** A shard's state without the counts of its open windows. */
export type ShardLedgers = Omit<ShardState, 'open'>

export interface AttemptLedger {
  slice: number
  attempt: number
  /** The sequence numbers that have been merged. */
  received: Sequences
  /** The sequence number of the final message; null while it is missing. */
  finalSequence: number | null
  /** `true` if the final message of the attempt said that another attempt continues the users. Default false. */
  handedOver?: boolean
  /** The worker's own totals, from the message with the highest sequence number. */
  totals: Totals
  totalsSequence: number
  /** The totals of the merged messages, counted from their rows and histograms. */
  merged: Totals
  firstWindow: number
  lastWindow: number
  lastSentAt: number
  /** The latest second that was reported, counted from the run's start; −1 at first. */
  latestSecond: number
  /** Users alive and users draining in the latest second. */
  users: number
  draining: number
  failure: string | null
}

/** A set of sequence numbers: all below `next` except `missing`. `missing` stays short because late messages fill the gaps. */
export interface Sequences {
  next: number
  missing: number[]
}

/** Returns the state of a shard before its first message. */
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
    generator: noGeneratorCounts(),
  }
}

/**
 * A reference to an object in the store. Every reference is counted, even if two references have the same key, because two windows may have the same
 * content. The references of one minute are in the order in which they were sealed.
 */
export interface SealedWindow {
  /** The first window in the object. */
  window: number
  key: string
  /** All windows in the object. Default: only `window`. */
  windows?: number[]
  /** The number of windows, or parts of windows, in the object. Default 1. */
  pieces?: number
  /** Set when the object could not be read for the compaction of its minute. */
  unreadable?: true
}
