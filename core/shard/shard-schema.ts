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

/** A sum over a whole run. It may exceed the greatest count of one message: 20,000 users exist for 3.6 × 10¹³ µs in half an hour. */
const sum = v.pipe(v.number(), v.integer(), v.minValue(0))
const sums = <const K extends readonly string[]>(...names: K): { [P in K[number]]: typeof sum } =>
  Object.fromEntries(names.map((name) => [name, sum])) as { [P in K[number]]: typeof sum }

/** The schema of the stored state of a shard. */
export const shardSchema = v.object({
  v: v.literal(1),
  run,
  shard: slice,
  closed: v.boolean(),
  clockMs: moment,
  attempts: mapOf(key, v.union([ledger, wholeLedger])),
  open: mapOf(place, windowSchema),
  sealed: v.array(
    v.object({
      window: place,
      key,
      windows: v.exactOptional(v.array(place)),
      pieces: v.exactOptional(count),
      unreadable: v.exactOptional(v.literal(true)),
    }),
  ),
  duplicatesDropped: count,
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
