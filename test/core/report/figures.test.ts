import { expect, test } from 'vitest'
import { axisCount, badCount, bytes, count, ms, rate, share } from '../../../core/report/figures.ts'

test('a value that was not measured is shown as a dash with an explanation, not as 0', () => {
  expect(ms(null)).toMatchObject({ text: '–', value: null, exact: 'no value was recorded' })
})

test('a count of failures or losses is marked only if it is above zero', () => {
  expect([badCount(0).alert, badCount(1).alert, count(1).alert]).toEqual([false, true, undefined])
})

test('the exact form of a value has all digits and the unit', () => {
  expect([count(1_234_567), rate(1 / 3), ms(84.267), share(0.123456), bytes(8421)].map((one) => one.exact)).toEqual([
    '1,234,567',
    '0.333 per second',
    '84.267 ms',
    '12.3456 %',
    '8,421 bytes',
  ])
})

test('counts on the axis of a chart are abbreviated', () => {
  expect([0, 950, 9500, 20_000, 1_200_000, 2e9].map(axisCount)).toEqual([
    '0',
    '950',
    '9,500',
    '20\u00A0k',
    '1.2\u00A0M',
    '2\u00A0G',
  ])
})
