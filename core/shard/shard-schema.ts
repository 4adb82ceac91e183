import * as v from 'valibot'
import { attempt, count, counts, failure, key, mapOf, moment, place, run, sequence, slice } from '../bounds.ts'
import { totals, windowSchema } from '../window/codec-schema.ts'

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
  latestSecond: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  ...counts('users', 'draining'),
  failure,
})

/** The state of a shard, as it is stored. */
export const shardSchema = v.object({
  v: v.literal(1),
  run,
  shard: slice,
  closed: v.boolean(),
  clockMs: moment,
  attempts: mapOf(key, ledger),
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
})
