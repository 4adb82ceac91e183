import type { Span } from './faulty-ports.ts'

/** The faults of the processes of a run. Moments are milliseconds since the plan was made. */
export interface Fate {
  /** For each worker that is killed (`slice-attempt`), the moment of its death. */
  killed: ReadonlyMap<string, number>
  /** For each worker that stands still (`slice-attempt`), the start and the end of the standstill. */
  frozen: ReadonlyMap<string, Span>
  /** For each coordinator, in the order in which they begin, the number of calls to ports before it dies. */
  coordinatorCalls: readonly number[]
  /** For the merge with this number (from 0), the number of calls to the store before it dies. */
  mergeCalls: ReadonlyMap<number, number>
  /** The shard without a running reducer, and the start and end of that time. */
  shardDown: { shard: number; span: Span } | null
  /** Offset of the clock of each worker, by slice, milliseconds. */
  offsetsMs: readonly number[]
  /** The queue has a message that cannot be read. */
  poison: boolean
  /** For each invocation of `finalise`, in order, the number of calls to the store before it dies. The others do not die. */
  finaliseCalls: readonly number[]
  /** Time between the loss of a coordinator and the start of the next one, milliseconds. */
  followMs: number
}

export const noFate: Fate = {
  killed: new Map(),
  frozen: new Map(),
  coordinatorCalls: [],
  mergeCalls: new Map(),
  shardDown: null,
  offsetsMs: [],
  poison: false,
  finaliseCalls: [],
  followMs: 3000,
}
