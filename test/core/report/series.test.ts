import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { profileOf } from '../../../core/plan/load/load.ts'
import { hold, ramp } from '../../../core/authoring/load-stages.ts'
import {
  type BucketedRequests,
  type RequestSecond,
  CompactHistogram,
  emptyRequestSecond,
} from '../../../core/window/histograms/compact.ts'
import { Buckets } from '../../../core/report/gather/buckets.ts'
import type { Report } from '../../../core/report/report.ts'
import { decodeSeries, encodeSeries } from '../../../core/report/series.ts'
import { type Window, emptyWindow } from '../../../core/window/window.ts'
import { reportOf, workerOf } from '../../fixtures/reports/reported.ts'
import { cellOf, intervalOf, planOf } from '../../fixtures/run.ts'

/** Returns a window. In each second of `seconds`, the window has one request for each duration in `ms`. */
function windowOf(name: string, seconds: readonly number[], ms: readonly number[]): Window {
  const window = emptyWindow()
  const cell = cellOf(
    'GET',
    name,
    seconds.flatMap(() => ms),
  )
  for (const second of seconds) {
    const counted = { ...emptyRequestSecond(), requests: ms.length, statuses: new Map([[200, ms.length]]), bytesIn: 7 }
    for (const length of ms) {
      counted.latency.record(length * 1000)
      counted.fromIntent.record(length * 1000 + 500)
    }
    cell.seconds.set(second, counted)
  }
  window.requests.set(`GET ${name}`, cell)
  return window
}

describe('buckets', () => {
  test('buckets last one second in a run of up to 720 s, and more than one second in a longer run, so every run has at most 720 buckets', () => {
    expect(
      [20, 720, 721, 3600, 43_200]
        .map((seconds) => new Buckets({ seconds }, 5))
        .map(({ stepS, count }) => [stepS, count]),
    ).toEqual([
      [1, 20],
      [1, 720],
      [2, 361],
      [5, 720],
      [60, 720],
    ])
  })

  test('buckets contain the counts of each second, by name and for all names', () => {
    const buckets = new Buckets({ seconds: 20 }, 5)
    buckets.add(0, windowOf('/a', [0, 1, 4], [10, 20]))
    buckets.add(0, windowOf('/b', [1], [400]))
    buckets.add(1, windowOf('/a', [5], [30]))
    expect([...buckets.all].map(([at, { requests }]) => [at, requests])).toEqual([
      [0, 2],
      [1, 3],
      [4, 2],
      [5, 1],
    ])
    expect(buckets.names.get('GET /a')?.get(1)?.requests).toBe(2)
    expect(buckets.all.get(1)?.latency.percentileMs(100)).toBe(400)
  })

  test('if a window has no seconds, its counts are in the bucket where the window begins', () => {
    const buckets = new Buckets({ seconds: 7200 }, 5)
    const window = emptyWindow()
    window.requests.set('GET /a', cellOf('GET', '/a', [10, 20, 30], 1))
    buckets.add(3, window)
    expect(buckets.all.get(1)).toMatchObject({
      requests: 3,
      failures: 1,
      statuses: new Map([
        [200, 2],
        [500, 1],
      ]),
    })
    expect(buckets.all.get(1)?.latency.count).toBe(3)
  })

  test('if a run is planned to end after 12 minutes, each bucket lasts one second, and the last bucket includes the requests that end later', () => {
    const buckets = new Buckets({ seconds: 726, plannedS: 720 }, 5)
    buckets.add(143, windowOf('/a', [719], [10]))
    buckets.add(145, windowOf('/a', [725], [10]))
    expect([buckets.stepS, buckets.count, buckets.all.get(719)?.requests]).toEqual([1, 720, 2])
  })
})

describe('series', () => {
  const buckets = new Buckets({ seconds: 20 }, 5)
  buckets.add(0, windowOf('/a', [0, 1, 4], [10, 20]))
  buckets.add(3, windowOf('/b', [17], [400]))
  const errors = [
    new Map([
      [2, 1],
      [17, 2],
    ]),
  ]

  test('the series are unchanged after encoding and decoding, including histograms', () => {
    const bytes = encodeSeries(buckets, ['GET /b', 'GET /none', 'GET /a'], errors)
    const { all, names, errors: read } = decodeSeries(bytes, { names: 3, errors: 1 })
    expect([...all.keys()]).toEqual([0, 1, 4, 17])
    expect(names.map((one) => [...one.keys()])).toEqual([[17], [], [0, 1, 4]])
    expect(names[2]?.get(0)).toMatchObject({ requests: 2, bytesIn: 7, statuses: new Map([[200, 2]]) })
    expect(names[2]?.get(0)?.latency.percentileMs(50)).toBeCloseTo(10, 1)
    expect(read).toEqual(errors)
  })

  test.each([[new Uint8Array([1])], [new Uint8Array([255, 255, 255])], [new Uint8Array()]])(
    'series that are cut short are refused (%#)',
    (bytes) => {
      expect(() => decodeSeries(bytes, { names: 1, errors: 0 })).toThrow(RangeError)
    },
  )

  test('the series of 50 names over 720 seconds take less than 6 MB, and percentiles are exact to within 4 %', () => {
    const big = busyRun()
    const keys = [...big.names.keys()]
    const bytes = encodeSeries(big, keys, [])
    expect((deflateRawSync(bytes).length * 4) / 3).toBeLessThan(5_500_000)
    const { names } = decodeSeries(bytes, { names: 50, errors: 0 })
    const exact = sumOf(big.names.get('GET /7'))
    const read = sumOf(names[7])
    for (const percentile of [50, 95, 99]) {
      expect(Math.abs(read(percentile) / exact(percentile) - 1)).toBeLessThan(0.04)
    }
  })
})

/** Returns the counts of 50 names, each with 40 requests in each of 720 seconds. The durations of the requests differ by up to a factor of ten. */
function busyRun(): Buckets {
  const buckets = new Buckets({ seconds: 720 }, 5)
  let state = 7
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
  const second = (): RequestSecond => {
    const made = { ...emptyRequestSecond(), requests: 40 }
    for (let n = 0; n < 40; n++) made.latency.record(Math.round(20_000 * Math.exp(1.2 * (random() + random() - 1))))
    made.fromIntent.add(made.latency)
    return made
  }
  for (let k = 0; k < 50; k++) {
    buckets.names.set(`GET /${k}`, new Map(Array.from({ length: 720 }, (_, at) => [at, second()])))
  }
  return buckets
}

/** Returns a function that computes percentiles, in milliseconds, from the latencies of all buckets together. */
function sumOf(buckets: BucketedRequests | undefined): (percentile: number) => number {
  const sum = new CompactHistogram()
  for (const { latency } of buckets?.values() ?? []) sum.add(latency)
  return (percentile) => sum.percentileMs(percentile) ?? Number.NaN
}

/**
 * Returns the report on a run of 60 s with 100 names and many different failures. The 50 names of the second half of the run have more requests than
 * the 50 names of the first half.
 */
function crowdedRun(): Report {
  const intervals = Array.from({ length: 60 }, (_, second) => {
    const late = second >= 30
    const names = Array.from({ length: 5 }, (_, k) => `/${late ? 'late' : 'early'}/${'abcdefghij'[second % 10]}${k}`)
    const cells = names.map((name) =>
      cellOf(
        'GET',
        name,
        Array.from({ length: late ? 9 : 3 }, () => 10),
        2,
      ),
    )
    const window = intervalOf({ second, cells })
    for (const { name } of cells) {
      const messages = late ? ['HTTP 503'] : Array.from({ length: 12 }, (_, k) => `order ${second}-${k} is missing`)
      for (const message of messages) {
        const cell = {
          method: 'GET',
          name,
          kind: 'status' as const,
          message,
          count: 1,
          firstAt: 1,
          lastAt: 2,
          exemplars: [],
        }
        window.errors.set(`GET ${name}\tstatus\t${message}`, { ...cell, seconds: new Map([[second, 1]]) })
      }
    }
    return window
  })
  return reportOf(workerOf(0, intervals), {
    plan: planOf({ workers: 1, profile: profileOf([ramp(10, '0s'), hold('60s')]) }),
  })
}

test('the series of each listed name and failure adds up to the numbers in its row, even if the report does not list all names and failures', () => {
  const report = crowdedRun()
  const bytes = inflateRawSync(Buffer.from(report.series.data, 'base64'))
  const { all, names, errors } = decodeSeries(bytes, { names: report.series.names, errors: report.errors.length })
  const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)
  const requestsIn = (buckets: BucketedRequests): number => sum([...buckets.values()].map(({ requests }) => requests))
  expect(report.series).toMatchObject({ stepS: 1, buckets: 60, names: 50 })
  expect(report.windows).toHaveLength(60)
  expect(requestsIn(all)).toBe(report.totals.requests)
  expect(names.map(requestsIn)).toEqual(report.requests.slice(0, 50).map(({ requests }) => requests))
  expect(errors.map((buckets) => sum(buckets.values()))).toEqual(report.errors.map(({ count }) => count))
  expect(report.errors.some(({ message }) => message.endsWith('(others like it)'))).toBe(true)
})
