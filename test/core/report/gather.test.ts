import { expect, test } from 'vitest'
import { Gathering, rowCap, windowCap } from '../../../core/report/gather.ts'
import { emptyWindow, otherNames } from '../../../core/window/window.ts'
import { cellOf, intervalOf, requestsOf } from '../../fixtures/run.ts'

const windowOf = (second: number, ...ms: number[]) => intervalOf({ second, cells: [cellOf('GET', '/', ms)] })

test('several pieces of a window are one window, and the first row of each is all names together', () => {
  const gathering = new Gathering(5000, 2)
  gathering.add(0, 0, windowOf(0, 10, 20))
  gathering.add(1, 0, intervalOf({ slice: 1, second: 0, cells: [cellOf('POST', '/cart', [1000])] }))
  gathering.add(0, 1, windowOf(5, 30))
  const { windows, totals, tallies, seen } = gathering.end()
  expect(
    windows.map(({ at, seconds, requests }) => [
      at,
      seconds,
      requests.map((row) => [row.method, row.name, row.requests]),
    ]),
  ).toEqual([
    [
      0,
      5,
      [
        ['', '', 3],
        ['GET', '/', 2],
        ['POST', '/cart', 1],
      ],
    ],
    [
      5,
      5,
      [
        ['', '', 1],
        ['GET', '/', 1],
      ],
    ],
  ])
  expect(windows[0]?.requests[0]?.latencyMs.max).toBe(1000)
  expect(totals.requests.get('GET /')).toMatchObject({ requests: 3 })
  expect([...tallies].map(([shard, { requests }]) => [shard, requests])).toEqual([
    [0, 3],
    [1, 1],
  ])
  expect(seen).toBe(2)
})

test('windows of which nothing was reported are there, empty', () => {
  const gathering = new Gathering(5000, 4)
  gathering.add(0, 3, windowOf(15, 10))
  const { windows } = gathering.end()
  expect(windows.map(({ at, requests }) => [at, requests[0]?.requests])).toEqual([
    [0, 0],
    [5, 0],
    [10, 0],
    [15, 1],
  ])
})

test('a long run has at most 720 windows, each of several merged neighbours', () => {
  const count = windowCap * 3 + 1
  const gathering = new Gathering(1000, count)
  for (let index = 0; index < count; index++) gathering.add(0, index, windowOf(index, index % 4 === 0 ? 1000 : 10))
  const { windows, watch } = gathering.end()
  expect(windows).toHaveLength(Math.ceil(count / 4))
  expect(windows[1]).toMatchObject({ at: 4, seconds: 4 })
  expect(windows[1]?.requests[0]).toMatchObject({ requests: 4, latencyMs: { max: 1000 } })
  expect(watch.requests).toBe(count)
})

test('the generator is judged on the windows of the grid, however coarse the report is', () => {
  const gathering = new Gathering(1000, windowCap * 4)
  for (let index = 0; index < 8; index++) {
    const lag = index === 5 || index === 6 ? [50] : [1]
    gathering.add(0, index, intervalOf({ second: index, cells: [cellOf('GET', '/', [10])], lag }))
  }
  expect(gathering.end().watch).toMatchObject({ requests: 8, boundRequests: 2, boundFrom: 5 })
})

test('windows must come in ascending order', () => {
  const gathering = new Gathering(5000, 3)
  gathering.add(0, 2, emptyWindow())
  expect(() => gathering.add(0, 1, emptyWindow())).toThrow('window 1 came after window 2')
})

test('names beyond the cap are counted in one row, and no request is lost by it', () => {
  const gathering = new Gathering(5000, 2)
  const many = Array.from({ length: rowCap + 5 }, (_, k) => cellOf('GET', `/${String(k).padStart(5, '0')}`, [k]))
  gathering.add(0, 0, { ...emptyWindow(), requests: requestsOf(...many) })
  gathering.add(0, 1, {
    ...emptyWindow(),
    requests: requestsOf(cellOf('GET', '/00000', [1]), cellOf('', otherNames, [1, 2])),
  })
  const { totals, folded } = gathering.end()
  expect(totals.requests.size).toBe(rowCap + 1)
  expect(folded).toBe(5)
  expect(totals.requests.get(otherNames)).toMatchObject({ name: otherNames, requests: 7 })
  expect(totals.requests.get('GET /00000')?.requests).toBe(2)
  expect([...totals.requests.values()].reduce((sum, cell) => sum + cell.requests, 0)).toBe(rowCap + 8)
})
