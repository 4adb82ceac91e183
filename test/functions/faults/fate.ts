import { SimulatedProcess, type Span } from './faulty-ports.ts'
import type { SimulatedTime } from './simulated-time.ts'

/** The faults of the processes of a run. Times are milliseconds since the plan was made, except in `frozenMerges`. */
export interface Fate {
  /** The times at which workers are killed. The key is `slice-attempt`. */
  killed: ReadonlyMap<string, number>
  /**
   * The number of calls to ports that a worker makes before it dies. For example, a worker may die after it has sent a message and before it learns
   * that the queue has accepted the message. The key is `slice-attempt`.
   */
  workerCalls: ReadonlyMap<string, number>
  /** For each worker that freezes, the start and the end of the freeze. The key is `slice-attempt`. */
  frozen: ReadonlyMap<string, Span>
  /** The number of calls to ports that each coordinator makes before it dies, in the order of the coordinators. */
  coordinatorCalls: readonly number[]
  /** The number of calls to ports that a merge makes before it dies. The key is the number of the merge, from 0. */
  mergeCalls: ReadonlyMap<number, number>
  /** For each merge that freezes, the start and the end of the freeze, in milliseconds since the merge began. The key is the number of the merge. */
  frozenMerges: ReadonlyMap<number, Span>
  /** A shard whose reducer is down, and the time span for which it is down. Null if no reducer is down. */
  shardDown: { shard: number; span: Span } | null
  /** The offset of the clock of each worker, by slice, in milliseconds. */
  offsetsMs: readonly number[]
  /** `true` if the queue has a message that cannot be read. */
  poison: boolean
  /**
   * The number of calls to ports that each invocation of `finalise` makes before it dies, in the order of the invocations. Later invocations do not
   * die.
   */
  finaliseCalls: readonly number[]
  /** The time between the loss of a coordinator and the start of the next coordinator, in milliseconds. */
  followMs: number
}

export const noFate: Fate = {
  killed: new Map(),
  workerCalls: new Map(),
  frozen: new Map(),
  coordinatorCalls: [],
  mergeCalls: new Map(),
  frozenMerges: new Map(),
  shardDown: null,
  offsetsMs: [],
  poison: false,
  finaliseCalls: [],
  followMs: 3000,
}

/** Returns the process of a merge that begins now, and whether this process freezes. `number` is the number of the merge, from 0. */
export function reducerOf(
  { frozenMerges, mergeCalls }: Pick<Fate, 'frozenMerges' | 'mergeCalls'>,
  number: number,
  time: SimulatedTime,
): { process: SimulatedProcess; freezes: boolean } {
  const [fromMs = 0, untilMs = 0] = frozenMerges.get(number) ?? []
  const process = new SimulatedProcess(time, { frozen: [time.nowMs + fromMs, time.nowMs + untilMs] })
  process.callsLeft = mergeCalls.get(number) ?? Number.POSITIVE_INFINITY
  return { process, freezes: untilMs > 0 }
}
