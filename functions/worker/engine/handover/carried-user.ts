import { deserialize, serialize } from 'node:v8'
import * as v from 'valibot'

/**
 * What one worker gives to the next about the users of its slice. Moments are milliseconds since the run's start. Written as
 * `v8.serialize` does, in base64: what `structuredClone` keeps survives.
 */

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const moment = v.pipe(v.number(), v.finite())

const carriedUser = v.object({
  index: whole,
  life: whole,
  /** Name of its class. */
  class: v.string(),
  /** `onStart` has passed. */
  started: v.boolean(),
  /** Tries of `onStart` that have failed. */
  tries: whole,
  iterations: whole,
  calls: whole,
  /** It has met a failure. */
  harmed: v.boolean(),
  /** When it acts next. */
  dueMs: moment,
  /** Since when nobody has it. */
  handedMs: moment,
  pace: v.object({ intentMs: moment, slotBaseMs: moment, slot: whole }),
  headers: v.record(v.string(), v.union([v.string(), v.array(v.string())])),
  /** As tough-cookie writes them. */
  cookies: v.array(v.unknown()),
  /** How often it drew from each feed, by the order in which the scenario makes them. */
  rows: v.array(v.tuple([whole, whole])),
  fields: v.object({ values: v.record(v.string(), v.unknown()), functions: v.array(v.string()) }),
})
/** A user between two iterations, or before the next try of its `onStart`. */
export type CarriedUser = v.InferOutput<typeof carriedUser>

const part = v.object({
  carried: v.array(v.instance(Uint8Array<ArrayBuffer>)),
  /** Users that finish an iteration first. Each is in a later part. */
  pending: v.array(whole),
  /** Users that are to begin a new life. */
  anew: v.array(whole),
  /** Users that have left by themselves: they are not to begin again before their next planned life. */
  left: v.array(whole),
  /** Users whose life has ended as planned. */
  over: v.array(whole),
  /** Users whose data is used up. */
  exhausted: v.array(whole),
  /** Iterations of users over all their lives, where they are limited. */
  iterations: v.array(v.tuple([whole, whole])),
  /** With arrivals: how many pooled users were made so far. */
  made: whole,
  /** Nothing comes after it. */
  last: v.boolean(),
  /** No user of the slice will act any more. */
  finished: v.boolean(),
})
/** A piece of a hand-over; the first lists all users, later ones those that were pending. */
export type HandOverPart = v.InferOutput<typeof part>

export function emptyPart(): HandOverPart {
  return {
    carried: [],
    pending: [],
    anew: [],
    left: [],
    over: [],
    exhausted: [],
    iterations: [],
    made: 0,
    last: false,
    finished: false,
  }
}

/** @throws DataCloneError when its fields cannot be written */
export function packed(user: CarriedUser): Uint8Array<ArrayBuffer> {
  return serialize(user)
}

/** @throws an error of valibot or v8 when it is not one */
export function unpacked(bytes: Uint8Array): CarriedUser {
  return v.parse(carriedUser, deserialize(bytes))
}

export function encodePart(given: HandOverPart): string {
  return serialize(given).toString('base64')
}

/** Undefined for what is not one. */
export function decodePart(text: string): HandOverPart | undefined {
  try {
    const found = v.safeParse(part, deserialize(Buffer.from(text, 'base64')))
    return found.success ? found.output : undefined
  } catch {
    // Whatever it is: its users begin anew.
    return undefined
  }
}
