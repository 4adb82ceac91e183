import type { RunPlan } from '../../plan/plan.ts'
import type { ShardLedgers } from '../../shard/shard.ts'
import type { Findings } from '../../verdict/verdict.ts'
import type { Control } from '../../fleet/control.ts'
import type { Gathered } from './gather.ts'

/** All data from which a report is made. The current time is not part of the data, so the same data always result in the same report. */
export interface RunData {
  plan: RunPlan
  /** The control file; null when the run ended before this file was written, or when the file cannot be read. */
  control: Control | null
  /** The shards. After the end of the run they are closed, so no more messages are merged into them. In a run in progress they are open. */
  shards: readonly ShardLedgers[]
  gathered: Gathered
  /** The number of messages that arrived after the shards were closed. */
  late: number
  /** The number of messages that could not be decoded. */
  unreadable: number
  /** One error message for each stored object that could not be read. */
  unread: readonly string[]
  /** The events of the coordinator; `at` is in epoch milliseconds. */
  events: readonly { at: number; text: string }[]
  /** Invocations that ended with an error. */
  failed: readonly { slice: number; attempt: number; error: string }[]
  /**
   * The slices whose current attempt had not begun when the run was stopped. At this time, `attempt` and all later attempts of the slice had not
   * begun. Default: no slices.
   */
  unbegun?: readonly { slice: number; attempt: number }[]
  failure: Findings['failure']
  /** `true` if the run requested at least one worker. */
  began: boolean
  /** The failure for a run whose report is made by a different build of burst than its plan; null if the builds are equal. */
  skew: Findings['failure']
  /** The time, in milliseconds after the start, at which the load counts as ended. Set only for a run in progress. */
  soFarMs?: number
}
