import { expect, test } from 'vitest'
import { chartData, chartedNames, slowness, windowSeries } from '../../../core/report/chart-data.ts'
import { failingReport } from '../../fixtures/failing-report.ts'
import { makeReport } from '../../fixtures/report.ts'

test('a short run is drawn second by second', () => {
  const report = makeReport({ windows: 4 })
  const { load, windowsAt, latency } = chartData(report)
  expect(load.step).toBe(1)
  expect(load.users).toEqual(report.seconds.map((second) => second.users))
  expect(windowsAt).toEqual([2.5, 7.5, 12.5, 17.5])
  expect(latency).toHaveLength(1 + report.requests.length)
})

test('a long run is thinned: rates are means, so that the area under them stays the count', () => {
  const report = makeReport({ windows: 720 })
  const { load } = chartData(report)
  expect(load.at.length).toBeLessThanOrEqual(1440)
  const drawn = load.requests.reduce((sum, perSecond) => sum + perSecond * load.step, 0)
  expect(drawn / report.totals.requests).toBeCloseTo(1, 2)
})

test('with many names over a long time, the busiest ones are charted', () => {
  const report = makeReport({ windows: 720, names: 50 })
  const charted = chartedNames(report)
  expect(charted).toHaveLength(20)
  const least = Math.min(...charted.map((row) => row.requests))
  const others = report.requests.filter((row) => !charted.includes(row))
  expect(others.every((row) => row.requests <= least)).toBe(true)
})

test('a window without a request of a name is a gap in its line', () => {
  const report = failingReport({ windows: 3 })
  const last = report.windows[1]?.requests.pop()
  const key = `${last?.method} ${last?.name}`
  expect(
    windowSeries(report)
      .get(key)
      ?.map((row) => row === undefined),
  ).toEqual([false, true, false])
})

test('the slowest p95 of a stretch stands for it, never a mean', () => {
  const row = (p95: number) => ({
    method: '',
    name: '',
    requests: 1,
    failures: 0,
    latencyMs: { p50: 1, p95, p99: 1, max: 1 },
  })
  expect(slowness([row(1), row(9), undefined, undefined, row(3)], 3)).toEqual([9, null, 3])
  expect(slowness([], 60)).toEqual([])
})

test('a report without windows or seconds has nothing to draw', () => {
  const { load, latency } = chartData({ ...makeReport({ windows: 1 }), seconds: [], windows: [] })
  expect(load.at).toEqual([])
  expect(latency[0]?.p50).toEqual([])
})
