import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeWindow } from '../../../core/window/codec/codec.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../../core/window/window.ts'
import { distributionOf, figuresOf, windowArbitrary, windowOf } from '../../fixtures/windows.ts'

function merged(...windows: Window[]): Window {
  const into = emptyWindow()
  for (const window of windows) mergeWindow(into, window)
  return into
}

test('merging windows is associative and commutative: every order of merging gives the same bytes', () => {
  fc.assert(
    fc.property(windowArbitrary, windowArbitrary, windowArbitrary, (a, b, c) => {
      const text = encodeWindow(merged(a, b, c))
      expect(encodeWindow(merged(merged(a, b), c))).toBe(text)
      expect(encodeWindow(merged(a, merged(b, c)))).toBe(text)
      expect(encodeWindow(merged(c, b, a))).toBe(text)
      expect(encodeWindow(merged(b, merged(c, a)))).toBe(text)
    }),
  )
})

test('merging with an empty window has no effect, whichever of the two windows is empty', () => {
  fc.assert(
    fc.property(windowArbitrary, (a) => {
      const text = encodeWindow(merged(a))
      expect(encodeWindow(merged(a, emptyWindow()))).toBe(text)
      expect(encodeWindow(merged(emptyWindow(), a))).toBe(text)
    }),
  )
})

test('merging does not change its arguments, and the result shares no object with them', () => {
  fc.assert(
    fc.property(windowArbitrary, windowArbitrary, (a, b) => {
      const [textA, textB] = [encodeWindow(a), encodeWindow(b)]
      const into = merged(a, b)
      mergeWindow(into, b)
      mergeWindow(into, a)
      expect([encodeWindow(a), encodeWindow(b)]).toEqual([textA, textB])
    }),
  )
})

test('when windows are merged, counts are added, gauges keep the greatest value, and tags are combined', () => {
  const a = windowOf('/x', [1, 2])
  const b = windowOf('/x', [3])
  const [cellA, cellB] = [a.requests.get('GET /x'), b.requests.get('GET /x')]
  if (cellA) cellA.tags = ['slow']
  if (cellB) cellB.tags = ['buy', 'slow']
  const cell = merged(a, b).requests.get('GET /x')
  expect(cell).toMatchObject({ requests: 3, exchanges: 3, tags: ['buy', 'slow'], statuses: new Map([[200, 3]]) })
  expect(cell?.latency).toMatchObject({ count: 3, sumUs: 6000, minUs: 1000, maxUs: 3000 })
})

test('only the three earliest of many failed exchanges are kept', () => {
  const windows = [5, 1, 4, 2, 3].map((at) => {
    const window = emptyWindow()
    const exemplars = [{ at, user: 0, status: 500, url: '/' }]
    window.errors.set('e', {
      method: 'GET',
      name: '/',
      kind: 'status',
      message: '500',
      count: 1,
      firstAt: at,
      lastAt: at,
      seconds: new Map([[at, 1]]),
      exemplars,
    })
    return window
  })
  const error = merged(...windows).errors.get('e')
  expect(error).toMatchObject({ count: 5, firstAt: 1, lastAt: 5 })
  expect(error?.exemplars.map(({ at }) => at)).toEqual([1, 2, 3])
})

test('the clock offset that is farthest from zero is kept', () => {
  fc.assert(
    fc.property(windowArbitrary, windowArbitrary, (a, b) => {
      for (const [key, cell] of merged(a, b).workers) {
        const offsets = [a, b].map((window) => Math.abs(window.workers.get(key)?.clockOffsetMs ?? 0))
        expect(Math.abs(cell.clockOffsetMs)).toBe(Math.max(...offsets))
      }
    }),
  )
})

test('merging distributions with different ranges gives the distribution of all values', () => {
  const lengths = fc.array(fc.oneof(fc.nat(100), fc.nat(4_000_000)), { maxLength: 30 })
  fc.assert(
    fc.property(lengths, lengths, (a, b) => {
      const sum = distributionOf(a)
      sum.add(distributionOf(b))
      const all = distributionOf([...a, ...b])
      expect(figuresOf(sum)).toEqual(figuresOf(all))
      for (const percentile of [0, 50, 90, 99, 100])
        expect(sum.percentileMs(percentile)).toBe(all.percentileMs(percentile))
    }),
  )
})
