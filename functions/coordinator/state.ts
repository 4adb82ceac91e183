import * as v from 'valibot'
import { decode } from '../../core/window/codec.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const keptSlice = v.object({
  slice: whole,
  attempt: whole,
  /** The attempt's invocation was accepted. */
  launched: v.boolean(),
  /** When its claim was due, epoch milliseconds; null: at the start. */
  dueAt: v.nullable(v.number()),
  lost: v.nullable(v.string()),
  /** It replaced another attempt in the same turn. */
  replaces: v.optional(v.boolean(), false),
  /** When its workers were replaced, epoch milliseconds; those that still count. */
  replacedAt: v.optional(v.array(v.number()), []),
})
/** What is not told by claims and ledgers of a slice that did not simply run. */
export type KeptSlice = v.InferOutput<typeof keptSlice>

/**
 * How far a run has come. `starting`: no worker was asked for yet; `launching`: some may have been; `running`: all were; `over`: the load
 * has ended, and the report is to be made.
 */
const phases = ['starting', 'launching', 'running', 'over'] as const
export type Phase = (typeof phases)[number]

const stateSchema = v.object({
  v: v.literal(1),
  /** Coordinators of the run so far. */
  epoch: v.pipe(whole, v.minValue(1)),
  phase: v.picklist(phases),
  /** A worker was asked for, or may have been. */
  began: v.boolean(),
  events: v.array(v.object({ at: v.number(), text: v.string() })),
  failure: v.nullable(v.object({ reason: v.picklist(['runFailed', 'scenarioThrew']), message: v.string() })),
  /** Attempts that never began and were started again, `slice-attempt`. */
  replaced: v.array(v.string()),
  slices: v.array(keptSlice),
})
/** What a coordinator knows and its successor must: `runs/<run>/coordinator.json`. */
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

/** @throws BurstError that says what is wrong */
export function decodeState(text: string): CoordinatorState {
  return decode(stateSchema, text, "the coordinator's state of a run")
}
