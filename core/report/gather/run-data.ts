import type { RunPlan } from '../../plan/plan.ts'
import type { ShardState } from '../../shard/shard.ts'
import type { Findings } from '../../verdict/verdict.ts'
import type { Control } from '../../fleet/control.ts'
import type { Gathered } from './gather.ts'

/** Everything a report is made of. It contains no clock: the same data always make the same report. */
export interface RunData {
  plan: RunPlan
  /** null when the run ended before it was written. */
  control: Control | null
  /** Closed: no more messages are merged into them. */
  shards: readonly ShardState[]
  gathered: Gathered
  /** Messages that came after the shards were closed. */
  late: number
  /** Messages that could not be decoded. */
  unreadable: number
  /** Parts of the store that could not be read, a sentence each. */
  unread: readonly string[]
  /** What the coordinator saw; `at` is epoch milliseconds. */
  events: readonly { at: number; text: string }[]
  /** Invocations that ended with an error. */
  failed: readonly { slice: number; attempt: number; error: string }[]
  failure: Findings['failure']
  /** At least one worker was requested. */
  began: boolean
  /** The report was made by another build than the run. */
  skew: Findings['failure']
  /** For a run in progress: the report is made as if the load ended here, milliseconds after the start. */
  soFarMs?: number
}
