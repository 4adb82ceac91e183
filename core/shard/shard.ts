import { type GeneratorCounts, noGeneratorCounts } from '../window/generator-counts.ts'
import { type Totals, zeroTotals } from '../window/message.ts'
import type { Window } from '../window/window.ts'

/**
 * The state of one shard of the reducer, in `runs/<run>/shards/<g>.json`. burst changes the state only by compare-and-swap. The size of the state
 * does not grow with the length of the run, because earlier ledgers and references are moved to archives.
 */
export interface ShardState {
  v: 2
  run: string
  shard: number
  /** `true` after the finaliser has closed the shard. Further messages are then not merged. */
  closed: boolean
  /** The time of the shard's own clock in epoch milliseconds: the latest `sentAt` of all merged messages; 0 before the first message. */
  clockMs: number
  /**
   * The ledgers by `slice-attempt`: the latest attempt of each slice, earlier attempts until they are archived, and archived attempts that were
   * brought back for a late message.
   */
  attempts: Map<string, AttemptLedger>
  /** The archived attempts, by slice. */
  archived: Map<number, ArchivedAttempts>
  /** The archives, beginning with the oldest. */
  archives: ArchiveReference[]
  /** The open windows by window number. An open window may still change. */
  open: Map<number, Window>
  /**
   * References to immutable objects in the store. One window may have several objects. The content of the window is the sum of its objects. Older
   * references are in archives.
   */
  sealed: SealedWindow[]
  duplicatesDropped: number
  /** The totals of all merged messages, including the messages of archived attempts. */
  merged: Totals
  /** Sums over all merged messages. The live view judges the generator by these sums, because the live view does not read sealed windows. */
  generator: GeneratorCounts
}

/** The state of a shard without the counts of its open windows. */
export interface ShardLedgers extends Omit<ShardState, 'open'> {
  /** `true` if an archive could not be read, so its ledgers and references are missing. Default false. */
  isPartial?: boolean
}

export interface AttemptLedger {
  slice: number
  attempt: number
  /** The sequence numbers of the merged messages. */
  received: Sequences
  /** The sequence number of the final message; null until this message is merged. */
  finalSequence: number | null
  /** `true` if the final message of the attempt stated that the next attempt takes over the users. Default false. */
  handedOver?: boolean
  /** The totals that the worker itself reported in the message with the highest sequence number. */
  totals: Totals
  totalsSequence: number
  /** The totals of the merged messages, computed from the rows and histograms of the messages. */
  merged: Totals
  firstWindow: number
  lastWindow: number
  lastSentAt: number
  /** The latest reported second, counted from the run's start; −1 before the first report. */
  latestSecond: number
  /** The number of users that were alive, and the number of users that were draining, in the latest second. */
  users: number
  draining: number
  failure: string | null
}

/** A set of sequence numbers: all numbers below `next` except `missing`. `missing` stays short because late messages fill the gaps. */
export interface Sequences {
  next: number
  missing: number[]
}

/** Returns the state of a shard before its first message. */
export function newShardState(run: string, shard: number): ShardState {
  return {
    v: 2,
    run,
    shard,
    closed: false,
    clockMs: 0,
    attempts: new Map(),
    archived: new Map(),
    archives: [],
    open: new Map(),
    sealed: [],
    duplicatesDropped: 0,
    merged: zeroTotals,
    generator: noGeneratorCounts(),
  }
}

/**
 * A reference to an object in the store. Two references may have the same key, because two windows may have the same content. In this case, the
 * counts of the object are added once for each window. The references of one minute are in the order in which their windows were sealed.
 */
export interface SealedWindow {
  /** The first window in the object. */
  window: number
  key: string
  /** All windows in the object. Default: only `window`. */
  windows?: number[]
  /** The number of windows, or parts of windows, in the object. Default 1. */
  pieces?: number
  /** `true` if a compaction could not read the object. */
  unreadable?: true
}

/** The archived attempts of one slice. An attempt that is brought back into the state remains in these lists. */
export interface ArchivedAttempts {
  /** The number of the highest archived attempt. A message of a higher attempt can be merged without reading an archive. */
  newest: number
  /** The attempts that have no gap, but lack their final message, in ascending order. */
  unended: number[]
  /** The attempts with a gap, in ascending order. An attempt has a gap if a message was not merged although a later message was merged. */
  gaps: number[]
}

/** A reference to an archive, an immutable object in the store. */
export interface ArchiveReference {
  key: string
  /** 0: the archive contains ledgers and references to windows. Above 0: the archive contains references to archives of the next lower level. */
  level: number
  /** The lowest and the highest attempt number in the archive, over all slices; −1 if the archive contains no ledger. */
  firstAttempt: number
  lastAttempt: number
  /** The last window to which the archive refers; −1 if the archive does not refer to a window. */
  lastWindow: number
}

/**
 * A part of a shard's state that is stored as a separate object. The object contains either ledgers and references to windows, or references to older
 * archives.
 */
export interface Archive {
  v: 1
  attempts: Map<string, AttemptLedger>
  sealed: SealedWindow[]
  archives: ArchiveReference[]
}
