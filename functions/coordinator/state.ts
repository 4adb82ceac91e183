import * as v from 'valibot'
import { decode } from '../../core/window/codec.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const keptSlice = v.object({
  slice: whole,
  attempt: whole,
  /** Whether the attempt's invocation was accepted. */
  launched: v.boolean(),
  /** When its claim was due, epoch milliseconds; null: at the start. */
  dueAt: v.nullable(v.number()),
  lost: v.nullable(v.string()),
  /** Whether it replaced another attempt in the same turn. */
  replaces: v.optional(v.boolean(), false),
  /** When the slice's workers were replaced, epoch milliseconds; only replacements that still count. */
  replacedAt: v.optional(v.array(v.number()), []),
})
/** What claims and ledgers do not show about a slice. */
export type KeptSlice = v.InferOutput<typeof keptSlice>

/**
 * How far a run has come. `starting`: no worker was invoked yet; `launching`: some workers may have been invoked; `running`: all were
 * invoked; `over`: the load has ended, and the report is to be made.
 */
const phases = ['starting', 'launching', 'running', 'over'] as const
export type Phase = (typeof phases)[number]

const stateSchema = v.object({
  v: v.literal(1),
  /** How many coordinators the run has had, including the present one. */
  epoch: v.pipe(whole, v.minValue(1)),
  phase: v.picklist(phases),
  /** Whether a worker was, or may have been, invoked. */
  began: v.boolean(),
  events: v.array(v.object({ at: v.number(), text: v.string() })),
  failure: v.nullable(v.object({ reason: v.picklist(['runFailed', 'scenarioThrew']), message: v.string() })),
  /** Attempts that never began and were started again, as `slice-attempt`. */
  replaced: v.array(v.string()),
  slices: v.array(keptSlice),
})
/** What a coordinator's successor must know: `runs/<run>/coordinator.json`. */
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
