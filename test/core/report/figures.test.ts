import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  badCount,
  bytes,
  count,
  instant,
  isoInstant,
  ms,
  plural,
  rate,
  share,
  span,
  usd,
} from '../../../core/report/figures.ts'

const plain = (text: string): string => text.replaceAll('\u00A0', ' ')

test.each([
  [0, '0'],
  [9876, '9,876'],
  [98_765, '98,765'],
  [123_456, '123 k'],
  [999_499, '999 k'],
  [999_500, '1 M'],
  [1_234_567, '1.23 M'],
  [2_000_000_000, '2 G'],
])('a count of %d reads %s', (n, text) => {
  expect(plain(count(n).text)).toBe(text)
})

test.each([
  [0, '0 ms'],
  [0.042, '0.04 ms'],
  [8.4, '8.4 ms'],
  [84.26, '84.3 ms'],
  [840.4, '840 ms'],
  [999.6, '1.00 s'],
  [1020, '1.02 s'],
  [36_200, '36.2 s'],
  [125_000, '2 min 5 s'],
])('a length of %d ms reads %s', (value, text) => {
  expect(plain(ms(value).text)).toBe(text)
})

test.each([
  [0, '0 %'],
  [0.00001, '< 0.01 %'],
  [0.0031, '0.31 %'],
  [0.124, '12.4 %'],
  [0.99999, '> 99.9 %'],
  [1, '100 %'],
])('a share of %d reads %s', (value, text) => {
  expect(plain(share(value).text)).toBe(text)
})

test('sizes, rates and money read in the unit that suits them', () => {
  expect([0, 512, 8400, 999_700, 1_230_000_000].map((n) => plain(bytes(n).text))).toEqual([
    '0 B',
    '512 B',
    '8.4 kB',
    '1 MB',
    '1.23 GB',
  ])
  expect([0.42, 38.21, 38_212, 382_120].map((n) => plain(rate(n).text))).toEqual(['0.42', '38.2', '38,212', '382 k'])
  expect([0, 1.79, 0.00042].map(usd)).toEqual(['$0.00', '$1.79', '$0.0004'])
})

test('times read as on a clock, and in words', () => {
  expect([0, 45_000, 60_000, 125_000, 5_400_000].map((value) => plain(span(value)))).toEqual([
    '0 s',
    '45 s',
    '1 min',
    '2 min 5 s',
    '1 h 30 min',
  ])
  expect(instant(Date.UTC(2026, 10, 21, 7, 31, 4))).toBe('2026-11-21 07:31:04 UTC')
  expect(isoInstant(1e300)).toBe('1e+300')
})

test('one is singular', () => {
  expect([plural(1, 'worker'), plural(2, 'worker'), plural(0, 'query', 'queries')]).toEqual([
    '1 worker',
    '2 workers',
    '0 queries',
  ])
})

test('what was not measured is a dash that says so, not a zero', () => {
  expect(ms(null)).toMatchObject({ text: '–', value: null, exact: 'nothing was recorded' })
})

test('only an unwelcome count above zero is marked', () => {
  expect([badCount(0).alert, badCount(1).alert, count(1).alert]).toEqual([false, true, undefined])
})

test('the exact figure keeps every digit, and a shortened one is within 1 % of it', () => {
  expect(count(1_234_567)).toMatchObject({ exact: '1,234,567', value: 1_234_567 })
  fc.assert(
    fc.property(fc.double({ min: 1, max: 99_000, noNaN: true }), (value) => {
      const [n, unit] = plain(ms(value).text).split(' ')
      expect(Math.abs(Number(n) * (unit === 's' ? 1000 : 1) - value)).toBeLessThanOrEqual(value / 100)
    }),
  )
})
