import { deserialize, serialize } from 'node:v8'
import * as v from 'valibot'
import { byKey } from '../../../../core/input/bounds.ts'

/**
 * The state of a slice's users, which one worker hands over to the next worker. Times are in milliseconds since the start of the run. The state is
 * encoded with `v8.serialize` and then with base64. `v8.serialize` supports the same types of values as `structuredClone`.
 */

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const moment = v.pipe(v.number(), v.finite())

const carriedUser = v.object({
  index: whole,
  life: whole,
  /** The name of the user's class. */
  class: v.string(),
  /** `true` if `onStart` has succeeded. */
  started: v.boolean(),
  /** The number of times that the user's `onStart` has failed. */
  tries: whole,
  iterations: whole,
  calls: whole,
  /** `true` if the user has had a failure. */
  harmed: v.boolean(),
  /** The time of the user's next action. */
  dueMs: moment,
  /** The time at which the previous worker handed the user over. */
  handedMs: moment,
  pace: v.object({ intentMs: moment, slotBaseMs: moment, slot: whole }),
  /** The value of `this.http.tls`. */
  tls: v.unknown(),
  headers: byKey(v.string(), v.union([v.string(), v.array(v.string())])),
  /** The user's cookies, in tough-cookie's format. */
  cookies: v.array(v.unknown()),
  /**
   * Pairs: the number that identifies a feed, and the number of rows that the user drew from that feed. Feeds are numbered in the order in which the
   * scenario creates them.
   */
  rows: v.array(v.tuple([whole, whole])),
  /** The last arrival that the user served; null if the user has served no arrival. */
  arrival: v.nullable(v.object({ index: whole, of: whole })),
  fields: v.object({ values: byKey(v.string(), v.unknown()), functions: v.array(v.string()) }),
})
/** The state of a user that is handed over between two iterations, or before the next try of its `onStart`. */
export type CarriedUser = v.InferOutput<typeof carriedUser>

const part = v.object({
  carried: v.array(v.instance(Uint8Array<ArrayBuffer>)),
  /** The users that have not finished their iteration yet. Later parts of the hand-over contain these users, or say what happened to them. */
  pending: v.array(whole),
  /** The users that begin a new life in the next worker. */
  anew: v.array(whole),
  /** The users that left by themselves. They do not begin again before their next planned life. */
  left: v.array(whole),
  /** The users whose life has ended as planned. */
  over: v.array(whole),
  /**
   * The users whose previous life has not ended yet, e.g. because of a long iteration. The next life of such a user must not begin before the
   * previous life has ended.
   */
  ending: v.array(whole),
  /** The users of `ending` whose previous life has ended since the first part was sent. */
  ended: v.array(whole),
  /** The users that have used all their data rows. */
  exhausted: v.array(whole),
  /** For each user, its index and the number of iterations that it did in all its lives. Empty if the plan does not limit iterations. */
  iterations: v.array(v.tuple([whole, whole])),
  /** With arrivals: the number of pooled users that the slice's workers have created so far. */
  made: whole,
  /** `true` for the last part of the hand-over. */
  last: v.boolean(),
  /** `true` if no user of the slice will act again. */
  finished: v.boolean(),
})
/**
 * A part of a hand-over. The first part lists the users whose lives have begun and have not ended as planned. Some of these users are still pending.
 * Later parts contain the pending users, or say what happened to them.
 */
export type HandOverPart = v.InferOutput<typeof part>

export function emptyPart(): HandOverPart {
  return {
    carried: [],
    pending: [],
    anew: [],
    left: [],
    over: [],
    ending: [],
    ended: [],
    exhausted: [],
    iterations: [],
    made: 0,
    last: false,
    finished: false,
  }
}

/**
 * Encodes a user.
 * @throws DataCloneError when the user's fields cannot be serialised
 */
export function packed(user: CarriedUser): Uint8Array<ArrayBuffer> {
  return serialize(user)
}

/**
 * Decodes a user.
 * @throws an error of valibot or v8 when the bytes are not a user
 */
export function unpacked(bytes: Uint8Array): CarriedUser {
  return v.parse(carriedUser, deserialize(bytes))
}

export function encodePart(given: HandOverPart): string {
  return serialize(given).toString('base64')
}

/** The maximum number of characters of a part. A worker hands over at most 64 MiB (`departure.ts`), and base64 needs 4 characters for 3 bytes. */
const longestPart = 128 * 1024 * 1024

/** Decodes a part. Returns undefined when the string is not a part. */
export function decodePart(text: string): HandOverPart | undefined {
  if (text.length > longestPart) return undefined
  try {
    const found = v.safeParse(part, deserialize(Buffer.from(text, 'base64')))
    return found.success ? found.output : undefined
  } catch {
    // The part is unreadable. The users in the part begin new lives.
    return undefined
  }
}
