import * as v from 'valibot'
import { attempt, count, moment, place, slice, text, textCaps } from '../../core/input/bounds.ts'
import { decode } from '../../core/input/decode.ts'

const name = text(textCaps.key)
/** The maximum number of slices, events or names in one state. */
const mostRows = 1_000_000

const keptSlice = v.object({
  slice,
  attempt,
  /** `true` if the attempt's invocation was accepted. */
  launched: v.boolean(),
  /**
   * The earliest time, in epoch milliseconds, at which the attempt's claim is due. Null in two cases. (1) The attempt was launched at the beginning
   * of the run. (2) The attempt is the first attempt of a slice that was added during the run, and no coordinator has tried to launch it yet.
   */
  dueAt: v.nullable(moment),
  lost: v.nullable(text(textCaps.stack)),
  /** The time, in epoch milliseconds, at which the slice was given up; null if the slice was not given up or the time is unknown. */
  lostAt: v.optional(v.nullable(moment), null),
  /** `true` if the attempt replaced another attempt in the same turn. */
  replaces: v.optional(v.boolean(), false),
  /**
   * The times, in epoch milliseconds, at which workers of the slice were replaced. Times that are too old to be counted by `isUsedUp` are omitted.
   */
  replacedAt: v.optional(v.pipe(v.array(moment), v.maxLength(1000)), []),
})
/** The state of a slice that cannot be derived from its claims and ledgers. */
export type KeptSlice = v.InferOutput<typeof keptSlice>

/**
 * The phase of a run. `starting`: no worker has been invoked yet; `launching`: some workers may have been invoked; `running`: all workers were
 * invoked, or the run was stopped while they were being invoked; `over`: the load has ended, and the report must still be made.
 */
const phases = ['starting', 'launching', 'running', 'over'] as const
export type Phase = (typeof phases)[number]

/** The maximum number of different `onEvent` messages that are counted separately. */
export const hookMessageCap = 20
const windowEvents = v.object({
  /** The number of the next event. */
  number: count,
  /** The number of the next window of the grid. All earlier windows were in earlier events or were missed. */
  next: place,
  /**
   * The messages of the errors of `onEvent`, and how often each message occurred. The last row (index `hookMessageCap`) counts all other messages.
   */
  failures: v.pipe(v.array(v.object({ message: text(textCaps.message), count })), v.maxLength(hookMessageCap + 1)),
  /** The number of windows of the grid that `onEvent` did not receive. */
  missed: count,
})
/** The progress of the events for `onEvent`. */
export type WindowEventsState = v.InferOutput<typeof windowEvents>

const stateSchema = v.object({
  v: v.literal(1),
  /**
   * The term of the coordinator that wrote this state, from 1. The field must keep the name `epoch`, because an earlier build may have stored a state
   * with this field.
   */
  epoch: v.pipe(count, v.minValue(1)),
  phase: v.picklist(phases),
  /** `true` if a worker may have been invoked. */
  began: v.boolean(),
  events: v.pipe(v.array(v.object({ at: moment, text: text(textCaps.stack) })), v.maxLength(mostRows)),
  failure: v.nullable(v.object({ reason: v.picklist(['runFailed', 'scenarioThrew']), message: text(textCaps.stack) })),
  /** The attempts (`slice-attempt`) that were replaced before they sent a message, or that had not begun when the run was stopped. */
  replaced: v.pipe(v.array(name), v.maxLength(mostRows)),
  slices: v.pipe(v.array(keptSlice), v.maxLength(mostRows)),
  /** The state of the events; absent if the scenario has no `onEvent`. Also absent as long as no event has a result and no window was missed. */
  windowEvents: v.exactOptional(windowEvents),
  /** The time, in epoch milliseconds, at which a new message was last merged. Absent if the coordinator is not about to hand over. */
  newsAt: v.exactOptional(moment),
  /** The approximate number of messages that were waiting to be merged when the run began to wait for them. Absent if the run has not waited. */
  waitsFor: v.exactOptional(count),
})
/** The state that a coordinator stores for the next coordinator: `runs/<run>/coordinator.json`. */
export type CoordinatorState = v.InferOutput<typeof stateSchema>

export const firstState: CoordinatorState = {
  v: 1,
  epoch: 1,
  phase: 'starting',
  began: false,
  events: [],
  failure: null,
  replaced: [],
  slices: [],
}

/**
 * Decodes the stored state.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decodeState(text: string): CoordinatorState {
  return decode(stateSchema, text, "the coordinator's state of a run")
}
