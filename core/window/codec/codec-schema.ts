import * as v from 'valibot'
import {
  attempt,
  count,
  counts,
  failure,
  gauge,
  key,
  mapOf,
  moment,
  place,
  run,
  sequence,
  slice,
  text,
  textCaps,
  upTo,
} from '../../input/bounds.ts'
import type { Distribution } from '../histograms/distribution.ts'
import { decodeCompact, compactTextCap } from './compact-codec.ts'
import { CompactHistogram } from '../histograms/compact.ts'
import { decodeDistribution, histogramTextCap, noDistribution } from '../histograms/histogram.ts'
import { decodeStored, storedTextCap } from './stored-counts.ts'

/** Schemas that decode the cells of an encoded window. Each kind of cell has one schema. The schemas are in the order of the cells in `window.ts`. */

const offset = v.pipe(v.number(), v.finite())

const encoded = v.object({
  n: count,
  sum: v.pipe(v.number(), v.integer(), v.minValue(0)),
  ...counts('min', 'max'),
  h: v.optional(text(histogramTextCap), ''),
  /** The places and their counts. Windows that the reducers store have the field `p` instead of `h`. */
  p: v.exactOptional(text(storedTextCap)),
})
const distribution = v.pipe(
  v.optional(encoded, noDistribution),
  v.rawTransform(({ dataset, addIssue, NEVER }): Distribution => {
    try {
      const { p, ...rest } = dataset.value
      return p === undefined ? decodeDistribution(rest) : decodeStored({ ...rest, p })
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
  open: distribution,
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
  traceId: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
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
  ...counts('slice', 'attempt', 'requests', 'generatorErrors', 'users', 'lostUs', 'regainedUs'),
  lag: distribution,
  userLag: distribution,
  sendLag: distribution,
  timingError: distribution,
  judged: mapOf(
    count,
    v.object({
      ...counts('requests', 'late', 'uncertain'),
      busyShare: v.exactOptional(gauge),
      waitShare: v.exactOptional(gauge),
    }),
  ),
  loopDelayP99Ms: gauge,
  loopDelayMaxMs: gauge,
  loopUtilization: gauge,
  coreWaitShare: gauge,
  gcMs: gauge,
  gcMaxMs: gauge,
  rssMb: gauge,
  sockets: gauge,
  overdue: gauge,
  clockOffsetMs: offset,
  blocked: v.boolean(),
  terminated: v.boolean(),
  userUs: count,
  hungUs: count,
  activeFromMs: v.nullable(gauge),
  activeToMs: v.nullable(gauge),
  finishedMs: v.nullable(gauge),
})

/** The keys of the section `secured`. This section does not need a maximum number of rows, because TLS has only a few versions. */
const tlsKey = /^(?:TLSv1(?:\.[0-9])?|SSLv3|unknown)(?: unverified)?$/

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
    ...counts('failedToStart', 'unserved', 'harmed', 'exhausted', 'late', 'missedIterations', 'carried', 'begunAnew'),
  }),
  workers: mapOf(key, worker),
  secured: mapOf(v.pipe(v.string(), v.regex(tlsKey)), count),
  protocols: mapOf(
    key,
    v.object({ target: key, protocol: v.picklist(['HTTP/1.1', 'HTTP/2']), ...counts('connections', 'streams') }),
  ),
  notices: mapOf(key, count),
})

/** The running totals of an attempt. */
export const totals = v.object(counts('requests', 'failures', 'exchanges', 'interrupted', 'latencies', 'intents'))

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
