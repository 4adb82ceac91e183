import * as v from 'valibot'

/**
 * The schemas of the parts of `report.json` that this folder computes: the judgement and the summary of a run. The TypeScript type and the JSON
 * Schema of each part are derived from its schema.
 */

/** Returns a schema with a description. The JSON Schema contains this description. */
export function described<S extends v.GenericSchema>(
  schema: S,
  text: string,
): v.SchemaWithPipe<readonly [S, v.DescriptionAction<v.InferOutput<S>, string>]> {
  return v.pipe(schema, v.description(text))
}

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const amount = v.pipe(v.number(), v.minValue(0))

export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

export const length = described(
  v.nullable(v.pipe(v.number(), v.minValue(0))),
  'In milliseconds; null when no value was recorded.',
)

export const spread = described(
  v.object({
    min: length,
    mean: length,
    p50: length,
    p75: length,
    p90: length,
    p95: length,
    p99: length,
    p999: described(length, 'The 99.9th percentile.'),
    max: length,
  }),
  'In milliseconds, from merged HdrHistograms; null when no value was recorded.',
)
export type Spread = v.InferOutput<typeof spread>

export const lag = v.object({
  p50: length,
  p99: length,
  max: length,
})

export const row = v.object({
  requests: described(count, 'The number of finished requests; a chain of redirects counts as one.'),
  failures: count,
  exchanges: described(count, 'The number of requests sent to the target; each redirect counts as one.'),
  interrupted: described(
    count,
    'The number of requests that burst itself cut off when users stopped; no other count includes them.',
  ),
  reconnects: described(
    count,
    'The number of requests that were sent again, because the target had closed the kept-alive connection or, over HTTP/2, had not processed the request. If the second attempt is answered, both count as one exchange.',
  ),
  statuses: described(
    v.record(v.pipe(v.string(), v.regex(/^[0-9]+$/)), count),
    'The number of requests by HTTP status; 0 means that there was no response.',
  ),
  rps: described(
    amount,
    'The number of requests, divided by the exact duration of the load in seconds, without pauses.',
  ),
  failureShare: share,
  bytesIn: count,
  bytesOut: count,
  latencyMs: described(
    spread,
    'The time from writing the request to the last byte of the response; for an event stream, to the first byte.',
  ),
  fromIntentMs: described(
    spread,
    'The time from the moment at which the user was due to send the request until the last byte of the response body arrived.',
  ),
  phasesMs: v.object({
    dns: spread,
    connect: spread,
    tls: spread,
    firstByte: described(spread, 'The time from writing the request to the first byte of the response.'),
    body: described(spread, 'The time from the first to the last byte of the response.'),
  }),
  histogram: described(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    'The histogram of the latency: HdrHistogram V2, compressed, base64, integer microseconds; empty when no value was recorded.',
  ),
})
export type Row = v.InferOutput<typeof row>

export const namedRow = v.object({
  ...row.entries,
  method: v.string(),
  name: described(v.string(), 'The route template, or the name that the scenario gave.'),
  tags: described(v.array(v.string()), 'Tags of the tasks that sent requests with this name.'),
  tasks: described(
    v.array(v.string()),
    'The tasks that sent requests with this name: class and task, joined with a tab. onStart and onStop share one entry.',
  ),
})
export type NamedRow = v.InferOutput<typeof namedRow>

export const windowRow = v.object({
  method: v.string(),
  name: v.string(),
  requests: count,
  failures: count,
  latencyMs: v.object({
    p50: length,
    p95: length,
    p99: length,
    max: length,
  }),
})
export type WindowRow = v.InferOutput<typeof windowRow>

export const threshold = v.object({
  expression: v.string(),
  value: described(v.nullable(v.number()), 'The measured value, in `unit`; null when no value was measured.'),
  unit: described(v.string(), 'ms, % or /s.'),
  passed: v.boolean(),
  note: v.nullable(v.string()),
})
export type ThresholdEntry = v.InferOutput<typeof threshold>

export const verdict = v.object({
  result: described(
    v.picklist(['passed', 'failed', 'inconclusive', 'unjudged']),
    'inconclusive: burst was too slow, latencies may be inaccurate, requests never ended, load or counts are missing, a person stopped the run, or a search has no result. unjudged: no thresholds, and no other finding.',
  ),
  reasons: described(
    v.pipe(v.array(v.string()), v.minLength(1)),
    'Sentences in this order: the load that a search found, the failure of the run itself, that no request, step or iteration succeeded, the reasons for the result, other remarks.',
  ),
  exitCode: count,
  stoppedBy: v.nullable(v.string()),
})
export type Verdict = v.InferOutput<typeof verdict>

export const completeness = v.object({
  complete: described(v.boolean(), 'true if this report contains all counts of the workers.'),
  slicesExpected: count,
  slicesReported: count,
  windowsExpected: count,
  windowsMerged: count,
  duplicatesDropped: described(
    count,
    'The number of messages that arrived more than once; each was counted only once.',
  ),
  late: described(count, 'The number of messages that arrived after the shards were closed.'),
  unreadable: described(count, 'The number of messages that could not be decoded.'),
  lost: described(v.array(v.string()), 'One sentence for each missing part.'),
})
export type Completeness = v.InferOutput<typeof completeness>

export const generator = described(
  v.object({
    result: described(
      v.picklist(['healthy', 'inaccurate', 'bound', 'unknown']),
      'bound: burst itself caused requests to be sent later than planned; the latencies may also be inaccurate. inaccurate: only the latencies may be inaccurate.',
    ),
    boundShare: described(share, 'The same value as lateShare.'),
    lateShare: described(
      share,
      "The fraction of judged requests that were sent late by more than 5 ms and by more than 10 % of the name's median latency.",
    ),
    uncertainShare: described(
      share,
      "The fraction of judged requests whose latency may be too long by more than 1 ms and by more than 5 % of the name's median latency.",
    ),
    loadShare: described(
      v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
      'The load of the users, as a fraction of the load that the same users would have caused without lag; null with arrivals.',
    ),
    judgedRequests: described(
      count,
      'The number of judged requests: all requests except those that ended in the first second of their worker.',
    ),
    timingErrorMs: described(lag, 'An upper bound of the delay that burst itself adds to a latency.'),
    lagMs: described(lag, 'The delay of the actions of users, for example of sending a request.'),
    sendLagMs: described(
      lag,
      'The time from the call until the request was written, without the time to connect and to produce the body.',
    ),
    userLagMs: described(lag, "The time from the end of the response until the user's code continued."),
    reasons: v.array(v.string()),
  }),
  'The judgement of the generator: whether burst itself was fast enough.',
)
export type GeneratorVerdict = v.InferOutput<typeof generator>
