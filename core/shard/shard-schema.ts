import * as v from 'valibot'
import {
  attempt,
  count,
  counts,
  failure,
  key,
  mapOf,
  moment,
  place,
  run,
  sequence,
  slice,
  upTo,
} from '../input/bounds.ts'
import { totals, windowSchema } from '../window/codec/codec-schema.ts'
import { zeroTotals } from '../window/message.ts'
import { addTotals } from '../window/totals.ts'

/** The maximum number of levels of archives. Even a run of one year has fewer levels. */
const mostLevels = 10

const latestSecond = v.pipe(v.number(), v.safeInteger(), v.minValue(-1))
const ledger = v.object({
  slice,
  attempt,
  received: v.object({ next: count, missing: v.array(sequence) }),
  finalSequence: v.nullable(sequence),
  handedOver: v.exactOptional(v.boolean()),
  totals,
  totalsSequence: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  merged: totals,
  firstWindow: place,
  lastWindow: place,
  lastSentAt: moment,
  latestSecond,
  ...counts('users', 'draining'),
  failure,
})

/** The short form of a complete ledger, which `encodeLedger` writes. */
const wholeLedger = v.pipe(
  v.tuple([slice, attempt, sequence, upTo(1), totals, place, place, moment, latestSecond, count, count]),
  v.transform(
    ([ofSlice, ofAttempt, last, handedOver, all, firstWindow, lastWindow, lastSentAt, second, users, draining]) => ({
      slice: ofSlice,
      attempt: ofAttempt,
      received: { next: last + 1, missing: [] },
      finalSequence: last,
      ...(handedOver === 1 && { handedOver: true }),
      totals: all,
      totalsSequence: last,
      merged: all,
      firstWindow,
      lastWindow,
      lastSentAt,
      latestSecond: second,
      users,
      draining,
      failure: null,
    }),
  ),
)

/**
 * A sum over a whole run. The sum may exceed the maximum of a count in one message. For example, the time of 20,000 users in half an hour is
 * 3.6 × 10¹³ µs in total.
 */
const sum = v.pipe(v.number(), v.integer(), v.minValue(0))
const sums = <const K extends readonly string[]>(...names: K): { [P in K[number]]: typeof sum } =>
  Object.fromEntries(names.map((name) => [name, sum])) as { [P in K[number]]: typeof sum }

const ledgers = mapOf(key, v.union([ledger, wholeLedger]))
const sealed = v.array(
  v.object({
    window: place,
    key,
    windows: v.exactOptional(v.array(place)),
    pieces: v.exactOptional(count),
    unreadable: v.exactOptional(v.literal(true)),
  }),
)
const attempts = v.array(attempt)
/** A number, or −1 for none. */
const orNone = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(-1), v.maxValue(most))
/** The short form of a reference to an archive, which `encodeReference` writes. */
const archives = v.array(
  v.pipe(
    v.tuple([key, upTo(mostLevels), orNone(10_000), orNone(10_000), orNone(100_000_000)]),
    v.transform(([name, level, firstAttempt, lastAttempt, lastWindow]) => {
      return { key: name, level, firstAttempt, lastAttempt, lastWindow }
    }),
  ),
)

/** The schema of a stored archive. */
export const archiveSchema = v.object({ v: v.literal(1), attempts: ledgers, sealed, archives })

/** The schema of the stored state of a shard. Accepts the current version and version 1. */
const storedShard = v.object({
  v: v.picklist([1, 2]),
  run,
  shard: slice,
  closed: v.boolean(),
  clockMs: moment,
  attempts: ledgers,
  archived: v.optional(mapOf(slice, v.object({ newest: attempt, unended: attempts, gaps: attempts })), []),
  archives: v.optional(archives, []),
  open: mapOf(place, windowSchema),
  sealed,
  duplicatesDropped: count,
  /** This field is absent in version 1. */
  merged: v.exactOptional(totals),
  generator: v.object(
    sums(
      'judged',
      'late',
      'uncertain',
      'sent',
      'failed',
      'lags',
      'lostUs',
      'regainedUs',
      'userUs',
      'arrivalsDue',
      'arrivalsLate',
    ),
  ),
})

/** The schema of the stored state of a shard. Earlier builds wrote version 1, which has no archives. */
export const shardSchema = v.pipe(
  storedShard,
  v.transform(({ merged, generator, ...state }) => {
    const all = [...state.attempts.values()].map((one) => one.merged)
    const sum = merged ?? all.reduce((before, one) => addTotals(before, one), zeroTotals)
    return { ...state, v: 2 as const, merged: sum, generator }
  }),
)
