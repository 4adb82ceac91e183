import { expect, test } from 'vitest'
import { counted, few, grouped, milliseconds, moment, percent } from '../../core/words.ts'

test('moments of a run read as on a clock', () => {
  expect([-61.5, -0.2, 0, 42.9, 65, 3723].map(moment)).toEqual([
    '−01:02',
    '−00:01',
    '00:00',
    '00:42',
    '01:05',
    '1:02:03',
  ])
})

test('what is not nothing never reads as nothing, and what is not all never as all', () => {
  expect([0, 0.00001, 0.0031, 0.0312, 0.9999, 1].map(percent)).toEqual([
    '0 %',
    'less than 0.01 %',
    '0.31 %',
    '3.1 %',
    'more than 99.9 %',
    '100 %',
  ])
})

test('counts, lengths and lists read well', () => {
  expect([counted(1, 'request'), counted(1204, 'request'), counted(2, 'user is', 'users are')]).toEqual([
    '1 request',
    '1,204 requests',
    '2 users are',
  ])
  expect(grouped(12.3456)).toBe('12.346')
  expect([0.8421, 84, 999.7, 1023].map(milliseconds)).toEqual(['0.842 ms', '84 ms', '1 s', '1.02 s'])
  expect(few(['a', 'b', 'c'], 2)).toBe('a, b and 1 more')
})
