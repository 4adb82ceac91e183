import type { RunPlan } from '../../plan/plan.ts'
import type { ShardLedgers } from '../../shard/shard.ts'
import type { Findings } from '../../verdict/verdict.ts'
import type { Control } from '../../fleet/control.ts'
import type { Gathered } from './gather.ts'

/** Everything a report is made of. It contains no clock: the same data always make the same report. */
export interface RunData {
  plan: RunPlan
  /** null when the run ended before its control was written. */
  control: Control | null
  /** Closed shards: no more messages are merged into them. */
  shards: readonly ShardLedgers[]
  gathered: Gathered
  /** How many messages arrived after the shards were closed. */
  late: number
  /** How many messages could not be decoded. */
  unreadable: number
  /** Parts of the store that could not be read, a sentence each. */
  unread: readonly string[]
  /** The coordinator's events; `at` is epoch milliseconds. */
  events: readonly { at: number; text: string }[]
  /** Invocations that ended with an error. */
  failed: readonly { slice: number; attempt: number; error: string }[]
  failure: Findings['failure']
  /** Whether the run requested at least one worker. */
  began: boolean
  /** The failure that says that another build made the report than ran the load; null if it was the same build. */
  skew: Findings['failure']
  /** For a run in progress: the report treats the load as ended at this time, milliseconds after the start. */
  soFarMs?: number
}
