import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { array, assert, integer, property, record, string, tuple, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { type MetricFamily, metricFamilies } from '../../../../core/report/metrics/families.ts'
import { measuredAtEnd } from '../../../../core/report/metrics/measured.ts'
import { writeRequest } from '../../../../core/report/metrics/remote-write.ts'
import { SeriesWriter, type WrittenSeries, stale } from '../../../../core/report/metrics/written-series.ts'
import { Distribution } from '../../../../core/window/histograms/distribution.ts'
import { otherNames } from '../../../../core/window/window.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

function family(type: 'counter' | 'gauge', name: string, values: Record<string, number>): MetricFamily {
  const samples = Object.entries(values).map(([label, value]) => ({ labels: { name: label, method: 'GET' }, value }))
  return { name, help: '', type, samples }
}

/** Returns the samples of each series. The key is the label `name` of the series. */
function samplesOf(written: readonly WrittenSeries[]): Record<string, WrittenSeries['samples']> {
  return Object.fromEntries(
    written.map(({ labels, samples }) => [labels.find(([label]) => label === 'name')?.[1] ?? '', samples]),
  )
}

test('a new counter begins with 0 at the time of the previous message; if a series is missing from a message, the series ends', () => {
  const writer = new SeriesWriter(1000)
  expect(samplesOf(writer.write([family('counter', 'c', { a: 3 }), family('gauge', 'g', { now: 7 })], 6000.4))).toEqual(
    {
      a: [
        { value: 0, atMs: 1000 },
        { value: 3, atMs: 6000 },
      ],
      now: [{ value: 7, atMs: 6000 }],
    },
  )
  expect(samplesOf(writer.write([family('counter', 'c', { a: 5, b: 2 })], 11_000))).toEqual({
    a: [{ value: 5, atMs: 11_000 }],
    b: [
      { value: 0, atMs: 6000 },
      { value: 2, atMs: 11_000 },
    ],
    now: [{ value: stale, atMs: 11_000 }],
  })
  expect(samplesOf(writer.write([], 12_000))).toEqual({
    a: [{ value: stale, atMs: 12_000 }],
    b: [{ value: stale, atMs: 12_000 }],
  })
  expect(writer.write([], 13_000)).toEqual([])
})

/** Returns the sum that `sum(increase())` computes: for each series, the difference between its last and its first sample. */
function increaseOf(messages: readonly (readonly WrittenSeries[])[], metric: string): number {
  const bySeries = Map.groupBy(messages.flat(), ({ labels }) => JSON.stringify(labels))
  const ofMetric = [...bySeries].filter(([labels]) => labels.includes(`"${metric}"`))
  return ofMetric.reduce((sum, [, parts]) => {
    const values = parts.flatMap(({ samples }) => samples.map(({ value }) => value)).filter((value) => value !== stale)
    return sum + (values.at(-1) ?? 0) - (values[0] ?? 0)
  }, 0)
}

test('when counts move to the series of a class of statuses (`2xx`), or to the series `(other names)`, increase() does not count them twice', () => {
  const measured = measuredAtEnd(syntheticReport({ seconds: 20, names: 2 }))
  const [usual, folded] = measured.requests
  if (!usual || !folded) throw new Error('the report has fewer than two names')
  const at = (count: number, statuses: number, name: string) => {
    const cells = [
      { ...usual, requests: count, statuses: new Map([[200, count]]) },
      {
        ...folded,
        name,
        requests: count,
        statuses: new Map(Array.from({ length: statuses }, (_, k) => [200 + k, count])),
      },
    ]
    return metricFamilies([{ ...measured, requests: cells }])
  }
  const writer = new SeriesWriter(0)
  const messages = [at(1, 64, folded.name), at(3, 65, folded.name), at(4, 65, folded.name), at(7, 65, otherNames)].map(
    (families, k) => writer.write(families, 5000 * (k + 1)),
  )
  // The first values of the series `2xx` and `(other names)` do not count as growth. These series grow only with later messages.
  expect(increaseOf(messages, 'burst_responses_total')).toBe(7 + 64 + 65)
  expect(increaseOf(messages, 'burst_requests_total')).toBe(7 + 4)
  expect(increaseOf(messages, 'burst_latency_seconds_count')).toBe(usual.latency.count + folded.latency.count)
})

test('a new counter begins with 0, except if another series of the same metric ends in the same message', () => {
  const writer = new SeriesWriter(0)
  writer.write(
    [family('counter', 'c', { a: 3 }), family('counter', 'd', { x: 3 }), family('gauge', 'g', { now: 1 })],
    1,
  )
  expect(
    samplesOf(writer.write([family('counter', 'c', { b: 4 }), family('counter', 'd', { x: 3, y: 1 })], 2)),
  ).toEqual({
    a: [{ value: stale, atMs: 2 }],
    b: [{ value: 4, atMs: 2 }],
    now: [{ value: stale, atMs: 2 }],
    x: [{ value: 3, atMs: 2 }],
    y: [
      { value: 0, atMs: 1 },
      { value: 1, atMs: 2 },
    ],
  })
  expect(samplesOf(writer.write([family('counter', 'c', { b: 4, later: 2 })], 3))).toMatchObject({
    b: [{ value: 4, atMs: 3 }],
    later: [
      { value: 0, atMs: 2 },
      { value: 2, atMs: 3 },
    ],
  })
})

test('the times of a series always increase, even if the clock goes back or stands still', () => {
  const writer = new SeriesWriter(5000)
  const times = [4000, 9000, 9000, 2000].flatMap((nowMs, k) =>
    (samplesOf(writer.write([family('counter', 'c', { a: k })], nowMs))['a'] ?? []).map(({ atMs }) => atMs),
  )
  expect(times).toEqual([5000, 5001, 9000, 9001, 9002])
})

test('labels are sorted by name, and an empty label is left out', () => {
  const samples = [{ labels: { run: 'r', scenario: '', method: 'GET', Zone: 'z' }, value: 1 }]
  const [written] = new SeriesWriter(0).write([{ name: 'g', help: '', type: 'gauge', samples }], 1)
  expect(written?.labels).toEqual([
    ['Zone', 'z'],
    ['__name__', 'g'],
    ['method', 'GET'],
    ['run', 'r'],
  ])
})

test('a histogram is written as the series of its buckets, its sum and its count', () => {
  const lengths = new Distribution()
  for (const ms of [4, 70_000]) lengths.recordMs(ms)
  const written = new SeriesWriter(0).write(
    [{ name: 'h', help: '', type: 'histogram', samples: [{ labels: { run: 'r' }, lengths }] }],
    5,
  )
  const last = written.map(({ labels, samples }) => [Object.fromEntries(labels), samples.at(-1)?.value])
  expect(last).toHaveLength(19)
  expect(last).toContainEqual([{ __name__: 'h_bucket', run: 'r', le: '0.001' }, 0])
  expect(last).toContainEqual([{ __name__: 'h_bucket', run: 'r', le: '+Inf' }, 2])
  expect(last).toContainEqual([{ __name__: 'h_sum', run: 'r' }, 70.004])
  expect(last).toContainEqual([{ __name__: 'h_count', run: 'r' }, 2])
})

test('a written message can be read back unchanged, whatever strings its labels contain', () => {
  const labels = uniqueArray(tuple(string({ minLength: 1 }), string({ unit: 'binary', maxLength: 200 })), {
    maxLength: 5,
  })
  const samples = array(record({ value: integer(), atMs: integer({ min: 0, max: 4e12 }) }), { minLength: 1 })
  assert(
    property(array(record({ labels, samples }), { maxLength: 5 }), (series) => {
      expect(read(writeRequest(series))).toEqual(series)
    }),
    { numRuns: 30 },
  )
})

test('a stale marker has exactly the bits that Prometheus expects', () => {
  const [one] = read(writeRequest([{ labels: [['a', 'b']], samples: [{ value: stale, atMs: 7 }] }]))
  expect(one).toEqual({ labels: [['a', 'b']], samples: [{ value: stale, atMs: 7 }] })
})

/** Reads a `WriteRequest`, as a receiver does. */
function read(message: Uint8Array): WrittenSeries[] {
  return fieldsOf(message).map(([, series]) => {
    const fields = fieldsOf(series)
    return {
      labels: fields
        .filter(([field]) => field === 1)
        .map(([, label]) => fieldsOf(label).map(([, text]) => new TextDecoder().decode(text)) as [string, string]),
      samples: fields.filter(([field]) => field === 2).map(([, sample]) => sampleIn(sample)),
    }
  })
}

function fieldsOf(message: Uint8Array): [field: number, content: Uint8Array][] {
  const reader = new BinaryReader(message)
  const fields: [number, Uint8Array][] = []
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (type !== WireType.LengthDelimited) throw new Error(`field ${field} has the type ${type}`)
    fields.push([field, reader.bytes()])
  }
  return fields
}

function sampleIn(message: Uint8Array): WrittenSeries['samples'][number] {
  const reader = new BinaryReader(message)
  reader.tag()
  const bits = BigInt(reader.fixed64())
  reader.tag()
  const atMs = Number(reader.int64())
  return {
    value: bits === 0x7ff0000000000002n ? stale : (new Float64Array(new BigUint64Array([bits]).buffer)[0] ?? 0),
    atMs,
  }
}
