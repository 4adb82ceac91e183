import { expect, test } from 'vitest'
import { Gathering } from '../../../../core/report/gather/gather.ts'
import { emptyWindow, otherNames, sectionCaps } from '../../../../core/window/window.ts'
import { cellOf, intervalOf, requestsOf } from '../../../fixtures/run.ts'

const windowOf = (second: number, ...ms: number[]) => intervalOf({ second, cells: [cellOf('GET', '/', ms)] })

test('several pieces of a window are merged into one window', () => {
  const gathering = new Gathering(5000, { seconds: 10 })
  gathering.add(0, 0, windowOf(0, 10, 20))
  gathering.add(1, 0, intervalOf({ slice: 1, second: 0, cells: [cellOf('POST', '/cart', [1000])] }))
  gathering.add(0, 1, windowOf(5, 30))
  const { buckets, totals, tallies, seen } = gathering.end()
  expect(buckets.all.get(0)).toMatchObject({ requests: 3, latency: { maxUs: 1_000_000 } })
  expect(totals.requests.get('GET /')).toMatchObject({ requests: 3 })
  expect([...tallies].map(([shard, { requests }]) => [shard, requests])).toEqual([
    [0, 3],
    [1, 1],
  ])
  expect(seen).toBe(2)
})

test('the generator is judged for each second, even if a bucket lasts longer than a second', () => {
  const gathering = new Gathering(1000, { seconds: 2880 })
  for (let index = 0; index < 8; index++) {
    const window = windowOf(index, 10)
    const judged = { requests: 10, late: index === 5 ? 4 : 0, uncertain: 0 }
    for (const worker of window.workers.values()) worker.judged.set(index, judged)
    gathering.add(0, index, window)
  }
  const { watch, totals } = gathering.end()
  expect(watch.total).toEqual({ requests: 80, late: 4, uncertain: 0 })
  expect(watch.late).toEqual([{ slice: 0, sinceS: 5, count: 4 }])
  expect([...totals.workers.values()].map(({ judged }) => judged.size)).toEqual([0])
})

test('the lag of a slice is merged across its attempts, and the totals of an attempt contain no distribution of the lag', () => {
  const gathering = new Gathering(5000, { seconds: 180 })
  for (let minute = 0; minute < 3; minute++) {
    const window = intervalOf({ slice: 4, attempt: minute, second: 60 * minute, lag: [1, 2 + minute] })
    for (const worker of window.workers.values()) worker.userLag.recordMs(7)
    gathering.add(0, 12 * minute, window)
  }
  const { lag, totals } = gathering.end()
  expect([...totals.workers.values()].map((cell) => [cell.attempt, cell.lag.count, cell.userLag.count])).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [2, 0, 0],
  ])
  expect([...lag.bySlice].map(([slice, { count, maxUs }]) => [slice, count, maxUs])).toEqual([[4, 6, 4000]])
  expect([lag.all.count, lag.userLag.count, lag.sendLag.count]).toEqual([6, 3, 0])
})

test('the windows of a minute cannot be gathered after the windows of a later minute', () => {
  const gathering = new Gathering(5000, { seconds: 15 })
  gathering.add(0, 12, emptyWindow())
  expect(() => gathering.add(0, 11, emptyWindow())).toThrow('window 11 came after minute 1')
})

test('names beyond the maximum number of names are counted in one row, and no request is lost', () => {
  const gathering = new Gathering(5000, { seconds: 10 })
  const cap = sectionCaps.names
  const many = Array.from({ length: cap + 5 }, (_, k) => cellOf('GET', `/${String(k).padStart(5, '0')}`, [k]))
  gathering.add(0, 0, { ...emptyWindow(), requests: requestsOf(...many) })
  gathering.add(0, 1, { ...emptyWindow(), requests: requestsOf(cellOf('*', otherNames, [1, 2])) })
  const { totals, buckets } = gathering.end()
  expect(totals.requests.size).toBe(cap + 1)
  expect(totals.requests.get(`* ${otherNames}`)).toMatchObject({ name: otherNames, requests: 7 })
  expect([...totals.requests.values()].reduce((sum, cell) => sum + cell.requests, 0)).toBe(cap + 7)
  // Each name with a row has a series. Names without a row do not have a series.
  expect(new Set(buckets.names.keys())).toEqual(
    new Set([...totals.requests.keys()].map((key) => (key.endsWith(otherNames) ? otherNames : key))),
  )
  expect([...(buckets.names.get(otherNames)?.values() ?? [])].reduce((sum, { requests }) => sum + requests, 0)).toBe(7)
})
