import * as v from 'valibot'
import type { Distribution } from './distribution.ts'
import { decodeCompact, compactTextCap } from './compact-codec.ts'
import { CompactHistogram } from './compact.ts'
import { decodeDistribution, histogramTextCap, noDistribution } from './histogram.ts'
import { mostCount } from './window.ts'

/** Schemas of the texts that may be read, one per kind. The order of the fields is the order of the cells in `window.ts`. */

/** The most characters of each kind of text that is read; the writer shortens longer texts. */
export const textCaps = { key: 16_384, message: 8192, stack: 65_536, url: 8192, body: 65_536 } as const

/** A count of things. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(mostCount))
const counts = <const K extends readonly string[]>(...names: K): { [P in K[number]]: typeof count } =>
  Object.fromEntries(names.map((name) => [name, count])) as { [P in K[number]]: typeof count }
/** Epoch milliseconds, possibly with a fraction, up to the greatest value of a Date. */
export const moment = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15))
export const gauge = v.pipe(v.number(), v.finite(), v.minValue(0))
const offset = v.pipe(v.number(), v.finite())
export const upTo = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most))
export const text = (most: number) => v.pipe(v.string(), v.maxLength(most))
const key = text(textCaps.key)

/** Rows `[key, value]`, each key once, because a repeated key would silently replace counts. */
function mapOf<K extends string | number, V>(keySchema: v.GenericSchema<K>, valueSchema: v.GenericSchema<unknown, V>) {
  return v.pipe(
    v.array(v.tuple([keySchema, valueSchema])),
    v.check((rows) => new Set(rows.map(([name]) => name)).size === rows.length, 'the same key twice'),
    v.transform((rows) => new Map<K, V>(rows)),
  )
}

const encoded = v.object({
  n: count,
  sum: v.pipe(v.number(), v.integer(), v.minValue(0)),
  ...counts('min', 'max'),
  h: text(histogramTextCap),
})
const distribution = v.pipe(
  v.optional(encoded, noDistribution),
  v.rawTransform(({ dataset, addIssue, NEVER }): Distribution => {
    try {
      return decodeDistribution(dataset.value)
    } catch (error) {
      addIssue({ message: error instanceof Error ? error.message : String(error) })
      return NEVER
    }
  }),
)

const compact = v.pipe(
  v.optional(text(compactTextCap), ''),
  v.rawTransform(({ dataset, addIssue, NEVER }): CompactHistogram => {
    try {
      return dataset.value === '' ? new CompactHistogram() : decodeCompact(dataset.value)
    } catch (error) {
      addIssue({ message: `a compact histogram cannot be read: ${String(error)}` })
      return NEVER
    }
  }),
)
const second = upTo(100_000_000)
const requestSecond = v.object({
  ...counts('requests', 'failures', 'bytesIn'),
  statuses: mapOf(upTo(999), count),
  latency: compact,
  fromIntent: compact,
})

const request = v.object({
  method: key,
  name: key,
  tags: v.array(key),
  tasks: v.array(key),
  ...counts('requests', 'failures', 'exchanges', 'interrupted', 'reconnects', 'bytesIn', 'bytesOut'),
  statuses: mapOf(upTo(999), count),
  latency: distribution,
  fromIntent: distribution,
  dns: distribution,
  connect: distribution,
  tls: distribution,
  firstByte: distribution,
  body: distribution,
  seconds: mapOf(second, requestSecond),
})
const timed = v.object({ ...counts('count', 'failed'), duration: distribution })
const iterations = v.object({ ...timed.entries, hung: count, hungFromMs: v.nullable(gauge) })
const recorded = v.object({ method: key, name: key, ...counts('count', 'failures', 'bytes'), duration: distribution })
const exemplar = v.object({
  at: moment,
  user: count,
  status: upTo(999),
  url: text(textCaps.url),
  body: v.exactOptional(text(textCaps.body)),
})
const kinds = ['status', 'network', 'timeout', 'protocol', 'expect', 'extract', 'generator', 'refused'] as const
const failedRequests = v.object({
  method: key,
  name: key,
  kind: v.picklist(kinds),
  message: text(textCaps.message),
  count,
  firstAt: moment,
  lastAt: moment,
  exemplars: v.array(exemplar),
  seconds: mapOf(second, count),
})
const worker = v.object({
  ...counts('slice', 'attempt', 'requests', 'generatorErrors', 'users'),
  lag: distribution,
  userLag: distribution,
  sendLag: distribution,
  timingError: distribution,
  judged: mapOf(count, v.object(counts('requests', 'late', 'uncertain'))),
  loopDelayP99Ms: gauge,
  loopDelayMaxMs: gauge,
  loopUtilization: gauge,
  gcMs: gauge,
  gcMaxMs: gauge,
  rssMb: gauge,
  sockets: gauge,
  clockOffsetMs: offset,
  blocked: v.boolean(),
  terminated: v.boolean(),
  userUs: count,
  hungUs: count,
  activeFromMs: v.nullable(gauge),
  activeToMs: v.nullable(gauge),
  finishedMs: v.nullable(gauge),
})

export const windowSchema = v.object({
  requests: mapOf(key, request),
  seconds: mapOf(
    count,
    v.object(counts('users', 'draining', 'requests', 'failures', 'dropped', 'userUs', 'leftUs', 'hungUs')),
  ),
  iterations: mapOf(key, iterations),
  checks: mapOf(key, v.object(counts('passed', 'failed'))),
  steps: mapOf(key, timed),
  metrics: mapOf(key, recorded),
  errors: mapOf(key, failedRequests),
  exceptions: mapOf(key, v.object({ message: text(textCaps.message), stack: text(textCaps.stack), count })),
  arrivals: v.object(counts('started', 'droppedPool', 'droppedGenerator')),
  users: v.object({
    startedByClass: mapOf(key, count),
    ...counts('failedToStart', 'harmed', 'exhausted', 'late', 'missedIterations', 'carried', 'begunAnew'),
  }),
  workers: mapOf(key, worker),
  notices: mapOf(key, count),
})

/** Names of runs, which become parts of paths. */
export const runName = /^[\w-][\w.-]{0,127}$/
const run = v.pipe(v.string(), v.regex(runName, 'not the name of a run'))
export const slice = upTo(1_000_000)
export const attempt = upTo(10_000)
const sequence = upTo(100_000_000)
const place = upTo(100_000_000)
const failure = v.nullable(text(textCaps.stack))
const totals = v.object(counts('requests', 'failures', 'exchanges', 'interrupted', 'latencies', 'intents'))

export const messageSchema = v.object({
  v: v.literal(1),
  run,
  build: key,
  slice,
  attempt,
  sequence,
  window: place,
  sentAt: moment,
  final: v.boolean(),
  handedOver: v.exactOptional(v.boolean()),
  totals,
  failure,
  content: windowSchema,
})

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

export const shardSchema = v.object({
  v: v.literal(1),
  run,
  shard: slice,
  closed: v.boolean(),
  clockMs: moment,
  attempts: mapOf(key, ledger),
  open: mapOf(place, windowSchema),
  sealed: v.array(v.object({ window: place, key })),
  duplicatesDropped: count,
})
