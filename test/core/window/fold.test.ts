import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeWindow } from '../../../core/window/codec/codec.ts'
import { isOthersLike, othersLike, otherTexts } from '../../../core/window/fold.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { distributionOf } from '../../fixtures/windows.ts'
import {
  type Window,
  emptyRequestCell,
  emptyWindow,
  exemplarCap,
  otherNames,
  sectionCaps,
} from '../../../core/window/window.ts'

const texts = fc.oneof(
  fc.nat(5000).map((n) => `Error: order ${n} is gone`),
  fc.nat(900).map((n) => `user ${n} of ${(n * 7919).toString(16).padStart(8, '0')}: no stock`),
  fc.constantFrom('Error: no stock', 'TypeError: x is not a function', otherTexts),
  fc.integer({ min: 0, max: 25 ** 3 }).map((n) => `Error: ${n.toString(26).split('').join('x')}`),
)
const manyTexts = fc.array(texts, { minLength: 150, maxLength: 400 })

function windowOf(messages: readonly string[], at: number): Window {
  const window = emptyWindow()
  messages.forEach((message, k) => {
    const exception = window.exceptions.get(message) ?? { message, stack: `at task:${at}`, count: 0 }
    exception.count++
    window.exceptions.set(message, exception)
    const key = `GET /${k % 9}\tstatus\t${message}`
    const exemplars = [{ at: at + k, user: k, status: 500, url: `/${message.length}` }]
    const [method, name] = ['GET', `/${k % 9}`]
    window.errors.set(key, {
      method,
      name,
      kind: 'status',
      message,
      count: 1,
      firstAt: at,
      lastAt: at + k,
      exemplars,
      seconds: new Map([[at + k, 1]]),
    })
    window.checks.set(message, { passed: 1, failed: k })
    const timed = { count: 1, failed: 0, duration: distributionOf([k]) }
    window.steps.set(message, timed)
    const [bytes, duration] = [k, timed.duration]
    window.metrics.set(`kafka ${message}`, { method: 'kafka', name: message, count: 1, failures: 0, bytes, duration })
    window.notices.set(message, (window.notices.get(message) ?? 0) + 1)
    window.requests.set(`GET ${message}`, { ...emptyRequestCell('GET', message), requests: 1, exchanges: 1 })
    const tagged = { ...emptyRequestCell('GET', '/tagged', messages.slice(0, 60).toSorted()), requests: 1 }
    window.requests.set('GET /tagged', tagged)
  })
  return window
}

function merged(...windows: Window[]): Window {
  const into = emptyWindow()
  for (const window of windows) mergeWindow(into, window)
  return into
}

test('merging windows gives the same bytes in any order, even if the windows together have more strings than one window may have', () => {
  fc.assert(
    fc.property(fc.array(manyTexts, { minLength: 4, maxLength: 4 }), (lists) => {
      const [a, b, c, d] = lists.map((list, k) => windowOf(list, 1000 * k)) as [Window, Window, Window, Window]
      const text = encodeWindow(merged(a, b, c, d))
      expect(encodeWindow(merged(merged(d, b), merged(c, a)))).toBe(text)
      expect(encodeWindow(merged(merged(merged(c, d), a), b))).toBe(text)
      expect(encodeWindow(merged(merged(a, b), merged(c, d), emptyWindow()))).toBe(text)
    }),
    { numRuns: 10 },
  )
})

test('the sum of hundreds of windows with different strings stays within the limits of one window, and all counts are kept', () => {
  const all = emptyWindow()
  for (let at = 0; at < 400; at++) {
    const messages = Array.from({ length: 20 }, (_, k) => `Error: order ${at * 20 + k} is gone`)
    mergeWindow(all, windowOf([...messages, 'Error: no stock'], at))
  }
  const sum = (counts: Iterable<{ count: number }>): number =>
    [...counts].reduce((total, { count }) => total + count, 0)
  expect(sum(all.exceptions.values())).toBe(8_400)
  expect(sum(all.errors.values())).toBe(8_400)
  expect([...all.requests.values()].reduce((total, cell) => total + cell.requests, 0)).toBe(8_800)
  expect(all.exceptions.size).toBe(sectionCaps.exceptions + 1)
  expect(all.exceptions.get('Error: order # is gone (others like it)')?.count).toBe(8_000 - sectionCaps.exceptions + 1)
  expect(all.exceptions.get('Error: no stock')?.count).toBe(400)
  expect(all.requests.size).toBe(sectionCaps.names + 1)
  expect(all.requests.get(`* ${otherNames}`)?.requests).toBeGreaterThan(6_500)
  expect(all.requests.get('GET /tagged')?.tags).toHaveLength(sectionCaps.tags + 1)
  expect(all.notices.size).toBe(sectionCaps.notices + 1)
  expect([...all.notices.values()].reduce((total, times) => total + times, 0)).toBe(8_400)
  expect(all.steps.size).toBe(sectionCaps.names + 1)
  expect(all.metrics.size).toBe(sectionCaps.names + 1)
  expect(all.checks.size).toBe(sectionCaps.names + 1)
  expect(all.errors.size).toBeLessThanOrEqual(2 * sectionCaps.errors + 1)
  expect(Math.max(...[...all.errors.values()].map(({ exemplars }) => exemplars.length))).toBe(exemplarCap)
})

test('when there are too many strings, strings with numbers are removed first, and strings without numbers are kept', () => {
  const plain = Array.from(
    { length: 100 },
    (_, k) => `Error: ${'abcdefghij'[k % 10]}-${'klmnopqrst'[Math.floor(k / 10)]}`,
  )
  const numbered = Array.from({ length: 600 }, (_, k) => `Error: order ${k}`)
  const { exceptions } = merged(windowOf(numbered, 0), windowOf(plain, 1))
  expect(plain.filter((message) => !exceptions.has(message))).toEqual([])
})

test.each([
  ['Error: order 17 of 9f3c2b1a-77aa is gone', 'Error: order # of # is gone (others like it)'],
  ['timeout after 1,204.5 ms', 'timeout after # ms (others like it)'],
  ['no numbers', 'no numbers (others like it)'],
  ['', ' (others like it)'],
])('beyond the limit, a string such as %j is counted as %j', (text, row) => {
  expect(othersLike(text)).toBe(row)
  expect(isOthersLike(othersLike(text))).toBe(true)
  expect(othersLike(othersLike(text))).toBe(row)
})
