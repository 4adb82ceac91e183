import * as v from 'valibot'
import { attempt, count, moment, slice, text, textCaps, upTo } from '../input/bounds.ts'
import { decode } from '../input/decode.ts'
import { profile, slices } from '../plan/plan-schema.ts'
import type { Epoch } from './changes/epoch.ts'
import type { Pause } from './changes/pause.ts'
import { type SearchStep, searchStep, stepsCap } from './changes/search.ts'

/** The control file of a run, `runs/<run>/control.json`. burst changes the file only by compare-and-swap. */
export interface Control {
  v: 1
  /** Epoch milliseconds. */
  startAt: number
  /** The end of the lease, in epoch milliseconds. When a worker reads the control file after this time, the worker stops. */
  leaseUntil: number
  /** The request to end the run; null as long as there is no such request. The request is never withdrawn. */
  stop: Stop | null
  /** Changes of the load, in chronological order. Default: none. */
  epochs?: Epoch[]
  /** One entry for each slice whose worker was replaced. The entry contains the first attempt that may run the slice. Default: none. */
  floors?: Floor[]
  /** The pauses of the run, in chronological order. Only the last pause can be without an end. Default: none. */
  pauses?: Pause[]
  /** The measured steps of a search, in chronological order. Default: none. */
  steps?: SearchStep[]
}

/**
 * The longest time in milliseconds for which a worker runs without reading the control file. After this time, the worker stops, even if the lease is
 * still valid.
 */
export const oldestControlMs = 30_000

/**
 * A floor of a slice: the number of the first attempt that may run the slice. If a worker has a lower attempt number and has read the floor, the
 * worker stops sending requests at `sinceMs`. Exception: a worker that hands its users over at `sinceMs` is not affected by the floor. A floor never
 * becomes lower.
 */
export interface Floor {
  slice: number
  /** The first attempt that may run the slice. */
  attempt: number
  /** The time at which this attempt begins to run the slice, in milliseconds since the start. */
  sinceMs: number
}

/** The request to end a run, and its reason. */
export interface Stop {
  reason: string
  /** Epoch milliseconds. */
  at: number
  /**
   * `true`: requests in flight are cut off, and `onStop` does not run. Default: requests in flight and `onStop` may continue for the time that the
   * plan allows.
   */
  now?: true
  /**
   * Set when burst ended the load because a threshold of `abortOn` failed. `certain` is true if the threshold would have failed even without the lag
   * and errors of the generator.
   */
  aborted?: { certain: boolean }
  /** Set when burst ended the load because the search had ended. */
  searched?: true
}

/** A time in milliseconds since the start of the run; at most one year. */
const sinceStart = upTo(31_536_000_000)
const epoch = v.object({
  fromMs: sinceStart,
  profile,
  slices,
})
const back = v.object({ atMs: sinceStart, overMs: sinceStart, users: count })
const pause = v.object({ fromMs: sinceStart, back: v.nullable(back) })
const floor = v.object({ slice, attempt, sinceMs: sinceStart })

const stop = v.object({
  reason: text(textCaps.message),
  at: moment,
  now: v.exactOptional(v.literal(true)),
  aborted: v.exactOptional(v.object({ certain: v.boolean() })),
  searched: v.exactOptional(v.literal(true)),
})

const controlSchema = v.object({
  v: v.literal(1),
  startAt: moment,
  leaseUntil: moment,
  stop: v.nullable(stop),
  epochs: v.exactOptional(v.pipe(v.array(epoch), v.maxLength(1000))),
  floors: v.exactOptional(v.pipe(v.array(floor), v.maxLength(100_000))),
  pauses: v.exactOptional(v.pipe(v.array(pause), v.maxLength(1000))),
  steps: v.exactOptional(v.pipe(v.array(searchStep), v.maxLength(stepsCap))),
})

export function encodeControl(control: Control): string {
  return JSON.stringify(control)
}

/**
 * Decodes a stored control file.
 * @throws BurstError (97) that names the invalid field
 */
export function decodeControl(text: string): Control {
  return decode(controlSchema, text, 'the control file of a run')
}
