import { inflateRawSync } from 'node:zlib'
import { HistogramLogReader, listTags } from 'hdr-histogram-js'
import { describe, expect, test } from 'vitest'
import { latencyLog } from '../../../../core/report/files/latency-log.ts'
import type { Report } from '../../../../core/report/report.ts'
import { hostile } from '../../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../../fixtures/reports/report.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

interface Interval {
  tag: string
  startS: number
  endS: number
  count: number
  maxMs: number
  p50Ms: number
}

/** Returns the intervals that a reader of the log format finds in the log of this report. */
function intervalsIn(report: Report): Interval[] {
  const reader = new HistogramLogReader(latencyLog(report, inflateRawSync), 64)
  const found: Interval[] = []
  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
    const [startS, endS] = [next.startTimeStampMsec, next.endTimeStampMsec].map(
      (ms) => (ms - report.run.startedAt) / 1000,
    )
    const p50Ms = next.getValueAtPercentile(50) / 1000
    found.push({
      tag: next.tag ?? '',
      startS: startS ?? 0,
      endS: endS ?? 0,
      count: next.totalCount,
      maxMs: next.maxValue / 1000,
      p50Ms,
    })
  }
  return found
}

const untagged = 'NO TAG'
const sum = (intervals: readonly Interval[]): number => intervals.reduce((all, { count }) => all + count, 0)

describe('the latency log, read by the HdrHistogram library', () => {
  const report = syntheticReport({ seconds: 180, trouble: true })
  const intervals = intervalsIn(report)
  const all = intervals.filter(({ tag }) => tag === untagged)

  test('the latency log has one untagged interval for each second, with all requests of that second', () => {
    expect(all.length).toBeGreaterThan(170)
    for (const { startS, endS } of all) expect(endS - startS).toBeCloseTo(1, 3)
    expect(sum(all)).toBe(report.totals.requests)
    const bySecond = new Map(all.map(({ startS, count }) => [Math.round(startS), count]))
    for (const { at, requests } of report.seconds) expect(bySecond.get(at) ?? 0).toBe(requests)
    const max = Math.max(...all.map(({ maxMs }) => maxMs))
    expect(max / (report.totals.latencyMs.max ?? 0)).toBeCloseTo(1, 2)
  })

  test('the latency log has one tag for each request name, and at most 60 intervals for each tag', () => {
    for (const row of report.requests) {
      const mine = intervals.filter(({ tag }) => decodeURIComponent(tag) === `${row.method} ${row.name}`)
      expect([row.name, sum(mine)]).toEqual([row.name, row.requests])
      expect(mine.length).toBeLessThanOrEqual(60)
    }
  })

  test('the latencies in the latency log are exact to within 1 %', () => {
    for (const { requests, at } of report.windows) {
      const p50 = requests[0]?.latencyMs.p50 ?? undefined
      const read = all.find(({ startS }) => Math.round(startS) === at)?.p50Ms
      if (p50 === undefined) continue
      expect(Math.abs((read ?? 0) / p50 - 1)).toBeLessThan(0.02)
    }
  })

  test('the latency log is in chronological order and declares version 1.3 of its format', () => {
    expect(latencyLog(report, inflateRawSync)).toContain('#[Histogram log format version 1.3]\n')
    const starts = intervals.map(({ startS }) => startS)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  })
})

test('a request name never ends its tag or its line in the latency log, whatever characters the name contains', () => {
  const names = [...hostile, 'a,b c\nd', 'Tag=x,0,1,2,AAAA', '#[BaseTime: 5', '"StartTimestamp"', 'half \ud800']
  const report = syntheticReport({ seconds: 10, names: names.length })
  report.requests.forEach((row, k) => Object.assign(row, { name: names[k] }))
  report.run.id = 'x\n0,1,2,AAAA'
  const log = latencyLog(report, inflateRawSync)
  expect(new Set(listTags(log)).size).toBe(names.length + 1)
  for (const line of log
    .trimEnd()
    .split('\n')
    .filter((one) => !/^[#"]/.test(one)))
    expect(line).toMatch(/^(?:Tag=[^,\s]+,)?\d+\.\d{3},\d+\.\d{3},\d+\.\d{3},[A-Za-z0-9+/=]+$/)
  expect(sum(intervalsIn(report).filter(({ tag }) => tag === untagged))).toBe(report.totals.requests)
})

test('the latency log of a run without requests has no intervals', () => {
  expect(intervalsIn(makeReport({ windows: 1 }))).toEqual([])
})
