import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { takenConcurrency } from '../../../cli/aws/capacity.ts'
import { deploySettings } from '../../../cli/aws/deploy-settings.ts'
import { findWish } from '../../../cli/flags/find-flags.ts'
import { numberIn } from '../../../cli/flags/numbers.ts'
import { budget, runOptions } from '../../../cli/flags/run-options.ts'
import { wantedLoad } from '../../../cli/flags/wanted-load.ts'

/** Each flag with a function that parses a text as the value of the flag, and returns the number. */
const flags: [flag: string, read: (text: string) => unknown][] = [
  ['--users', (users) => runOptions({ users }).users],
  ['--workers', (workers) => runOptions({ workers }).workers],
  ['--iterations', (iterations) => runOptions({ iterations }).iterations],
  ['--spawn-rate', (spawnRate) => runOptions({ spawnRate }).spawnRate],
  ['--rate', (rate) => runOptions({ rate }).rate],
  ['--weight', (text) => runOptions({ weight: [`A=${text}`] }).weights?.['A']],
  ['--budget', budget],
  ['--max', (max) => findWish({ max }).max],
  ['--start', (start) => findWish({ start }).start],
  ['--users of burst scale', (users) => wantedLoad({ users }).level],
  ['--take-concurrency', takenConcurrency],
  ['--memory', (memory) => deploySettings({ allow: ['a.example.com'], memory }, {}, undefined).memory],
]

test.each(flags)('%s accepts a number in each spelling, and refuses any other text', (_, read) => {
  const spellings = ['1000', '1_000', '1,000', '1k', '1K', '1e3', ' 1000\n']
  expect(spellings.map(read)).toEqual(spellings.map(() => 1000))
  const others = [
    '0x3e8',
    '0b11',
    '+1000',
    '-1000',
    '1 000',
    '10,00',
    '1__0',
    '1_',
    '_1',
    '1e',
    '1kk',
    '1e400',
    '1.',
    'NaN',
  ]
  for (const text of [...others, 'Infinity', '１000', '1000n', '']) {
    const refused = expect.objectContaining({ exitCode: 104 }) as Error
    expect(() => read(text)).toThrow(refused)
  }
})

test('decimals are exact, also before k', () => {
  expect(['0.5', '.5', '1.1k', '2.3e3', '1,000.25'].map(numberIn)).toEqual([0.5, 0.5, 1100, 2300, 1000.25])
  assert(property(integer({ min: 0, max: 1e9 }), (n) => numberIn(`${n / 1000}k`) === n))
})
