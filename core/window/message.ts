import type { Window } from './window.ts'

/**
 * The messages between the stages: what a worker sends to the reducer, and the control file that the coordinator writes and workers read.
 * Messages have a version, and are validated when they are decoded.
 */

/** Running totals of one attempt of one slice, up to and including the message that contains them. */
export interface Totals {
  requests: number
  failures: number
  exchanges: number
  interrupted: number
  /** The number of values in all `latency` histograms. */
  latencies: number
  /** The number of values in all `fromIntent` histograms. */
  intents: number
}

/**
 * The counts of one worker in one window, or a part of these counts. (run, slice, attempt, sequence) identifies a message. A message is never
 * modified after it is sent, so a second copy can be ignored. If the rows of an interval exceed the size limit, they are sent in several messages
 * with consecutive sequence numbers.
 */
export interface WindowMessage {
  v: 1
  run: string
  build: string
  slice: number
  attempt: number
  /** The number of the message in its attempt: 0, 1, 2 … without gaps. */
  sequence: number
  /** The window of the run's grid that the counts belong to. */
  window: number
  /** The time of sending by the worker's clock, in epoch milliseconds. */
  sentAt: number
  /** `true` if this is the last message of the attempt. */
  final: boolean
  /** `true` if another attempt continues the users; only in the last message. Default false. */
  handedOver?: boolean
  totals: Totals
  /** The reason why the worker stopped early; only in the last message. */
  failure: string | null
  content: Window
}

export const zeroTotals: Totals = {
  requests: 0,
  failures: 0,
  exchanges: 0,
  interrupted: 0,
  latencies: 0,
  intents: 0,
}
