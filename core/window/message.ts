import type { Window } from './window.ts'

/** The messages in which workers send their counts to the reducers. Each message has a version and is validated when it is decoded. */

/** The running totals of one attempt of one slice, up to and including the message that contains these totals. */
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
 * modified after it is sent, so a second copy can be ignored. If the rows of an interval exceed the size limit, the worker sends them in several
 * messages with consecutive sequence numbers.
 */
export interface WindowMessage {
  v: 1
  run: string
  build: string
  slice: number
  attempt: number
  /** The number of the message in its attempt: 0, 1, 2 … without gaps. */
  sequence: number
  /** The number of the window to which the counts belong. */
  window: number
  /** The time at which the worker sent the message, in epoch milliseconds of the worker's clock. */
  sentAt: number
  /** `true` if this is the last message of the attempt. */
  final: boolean
  /** `true` if the next attempt takes over the users. Only the last message of an attempt may have this field. A missing field means `false`. */
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
