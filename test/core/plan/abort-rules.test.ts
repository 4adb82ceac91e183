import { expect, test } from 'vitest'
import { plannedAbortRules } from '../../../core/plan/abort-rules.ts'
import { parseAbortRule } from '../../../core/thresholds/abort-rule.ts'

const run = { profile: { points: [{ atMs: 0, level: 1 }], endMs: 60_000 }, windowMs: 5000 }
const locate = (text: string, after?: string): string => `shop.burst.ts, ${text} after ${after}`
const planned = (file: string[], flags: string[] = [], of = run) =>
  plannedAbortRules(
    {
      description: { abortOn: file.map((one) => parseAbortRule(one, 'x')) },
      options: { abortOn: flags.map((one) => parseAbortRule(one, '--abort-on')) },
      locate,
    },
    of,
  )

test('the span of an abort rule is rounded up to whole windows, and a rule in the scenario file keeps its line number', () => {
  expect(planned(['errors < 10% over 12s'], ['tag:over all: p95 < 1s over 1m'])).toEqual({
    abortOn: [
      { expression: 'errors < 10%', overMs: 15_000, at: 'shop.burst.ts, errors < 10% after abortOn' },
      { expression: 'tag:over all: p95 < 1s', overMs: 60_000, at: null },
    ],
  })
  expect(planned([])).toEqual({})
})

test.each([
  ['errors < 10% over 4s', "'errors < 10%' is judged over 4 s, but counts are merged only every 5 s"],
  ['errors < 10% over 61s', "'errors < 10%' is judged over 1 min 1 s, but the run lasts only 1 min"],
  ['errors < 10% over 11m', "'errors < 10%' is judged over 11 min, which is too long"],
])('the abort rule %s is refused, and the error names the line in the file or --abort-on', (rule, sentence) => {
  expect(() => planned([rule])).toThrow(
    expect.objectContaining({
      message: `abortOn ${sentence}`,
      at: 'shop.burst.ts, errors < 10% after abortOn',
      exitCode: 104,
    }),
  )
  expect(() => planned([], [rule])).toThrow(
    expect.objectContaining({ message: `--abort-on ${sentence}`, at: undefined }),
  )
})

test('an abort rule on the command line needs a threshold and a span, and a run has at most 10 abort rules', () => {
  for (const wrong of ['errors < 10%', 'over 30s', '', 'errors over 30s', 'errors < 10% over soon']) {
    expect(() => parseAbortRule(wrong, '--abort-on')).toThrow(expect.objectContaining({ exitCode: 104 }))
  }
  const rule = 'errors < 10% over 30s'
  expect(() => planned(Array<string>(6).fill(rule), Array<string>(5).fill(rule))).toThrow(
    'there are 11 rules in abortOn and --abort-on',
  )
})
