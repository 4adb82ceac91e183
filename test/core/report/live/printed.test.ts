import { expect, test } from 'vitest'
import { LastPrinted, decodePrinted, printedCaps } from '../../../../core/report/live/printed.ts'

test('the last 200 printed lines are kept with their time and worker, and earlier lines are counted', () => {
  const last = new LastPrinted()
  const lines = ['hello', '[worker 3] its line', '[beforeRun] a token', '[worker x] [worker 1] no prefix', '']
  for (const [k, line] of lines.entries()) last.add(line, k)
  expect(last.printed).toEqual({
    before: 0,
    lines: [
      { at: 0, by: null, text: 'hello' },
      { at: 1, by: 'worker 3', text: 'its line' },
      { at: 2, by: 'beforeRun', text: 'a token' },
      { at: 3, by: null, text: '[worker x] [worker 1] no prefix' },
      { at: 4, by: null, text: '' },
    ],
  })
  for (let k = 0; k < 300; k++) last.add(`[worker 0] ${k}`, k)
  const { lines: kept, before } = last.printed
  expect([kept.length, before, kept[0]?.text, kept.at(-1)?.text]).toEqual([200, 105, '100', '299'])
})

test('long lines are kept up to a maximum number of characters, and the count of characters stays exact', () => {
  const last = new LastPrinted()
  const size = (): number => last.printed.lines.reduce((sum, { text }) => sum + text.length, 0)
  for (let k = 0; k < 500; k++) last.add(`[worker 1] ${'x'.repeat(4096)}`, k)
  expect(size()).toBeLessThanOrEqual(printedCaps.characters)
  expect(size()).toBeGreaterThan(printedCaps.characters - 2 * 4200)
  for (let k = 0; k < 250; k++) last.add('short', k)
  expect(last.printed).toMatchObject({ before: 550, lines: Array.from({ length: 200 }, () => ({ text: 'short' })) })
})

test('stored lines are validated when they are read', () => {
  const good = { lines: [{ at: 1, by: null, text: 'x' }], before: 0 }
  expect(decodePrinted(JSON.stringify(good))).toEqual(good)
  const many = { ...good, lines: Array.from({ length: 201 }, () => good.lines[0]) }
  for (const bad of ['{', '[]', JSON.stringify(many), JSON.stringify({ ...good, before: -1 })])
    expect(() => decodePrinted(bad)).toThrow('the printed output of the scenario')
})
