import { expect, test } from 'vitest'
import { closedWindow, eventCountsOf } from '../../../../core/report/metrics/closed-window.ts'
import { mergeWindow } from '../../../../core/window/merge-windows.ts'
import { emptyWindow, otherNames } from '../../../../core/window/window.ts'
import { cellOf, intervalOf } from '../../../fixtures/run.ts'

const grid = { from: 2, to: 2, windowMs: 5000 }

test('the values of a window, including percentiles, are computed from the merged counts of all workers', () => {
  const window = emptyWindow()
  const part = (slice: number, second: number, ms: number[]) =>
    intervalOf({ slice, second, users: 3 + second - 10, cells: [cellOf('GET', '/', ms, 1)] })
  for (const one of [part(0, 10, [10]), part(1, 10, [10, 10, 1000]), part(0, 13, [20])])
    mergeWindow(window, eventCountsOf(one))
  expect(closedWindow(window, grid)).toEqual({
    fromS: 10,
    toS: 15,
    users: 6,
    requests: 5,
    failures: 3,
    rps: 1,
    latencyMs: { p50: 10.007, p95: 1000, p99: 1000 },
    names: [
      { method: 'GET', name: '/', requests: 5, failures: 3, rps: 1, latencyMs: { p50: 10.007, p95: 1000, p99: 1000 } },
    ],
  })
  expect(closedWindow(window, { ...grid, to: 4, isLast: true })).toMatchObject({ toS: 14, rps: 1.25 })
})

test('a window without a request has no percentiles', () => {
  expect(closedWindow(emptyWindow(), { ...grid, isLast: true })).toEqual({
    fromS: 10,
    toS: 11,
    users: 0,
    requests: 0,
    failures: 0,
    rps: 0,
    latencyMs: { p50: null, p95: null, p99: null },
    names: [],
  })
})

test('an event `windowClosed` lists at most 100 names, the busiest name first, and its counts include every request', () => {
  const cells = Array.from({ length: 150 }, (_, k) =>
    cellOf('GET', `/${k}${'é'.repeat(400)}`, Array(k + 1).fill(k + 1)),
  )
  const window = intervalOf({ second: 10, cells: [...cells, cellOf('*', otherNames, [5, 5])] })
  const { names, requests } = closedWindow(window, grid)
  expect(names).toHaveLength(100)
  expect(names.map(({ requests: own }) => own).slice(0, 99)).toEqual(Array.from({ length: 99 }, (_, k) => 150 - k))
  expect(names.at(-1)).toMatchObject({ method: '*', name: otherNames, requests: (51 * 52) / 2 + 2 })
  expect(names.reduce((sum, row) => sum + row.requests, 0)).toBe(requests)
  expect(names[0]?.name).toHaveLength(300)
  expect(Buffer.byteLength(JSON.stringify(names))).toBeLessThan(200_000)
})
