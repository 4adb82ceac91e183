import { expect, test } from 'vitest'
import type { ScenarioBundle } from '../../../cli/bundle/bundle.ts'
import { newPlan } from '../../../cli/run/new-plan.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import { described } from '../../fixtures/planning.ts'

const origin = { backend: 'local', region: 'local', build: 'test' } as const
const options: RunOptions = { tags: [], excludeTags: [], vars: { password: 'pa55word' }, failOnError: false }

test('the plan masks secrets in the request name of a threshold, as workers do, and keeps the source line of the threshold', () => {
  const thresholds = ['GET /checkout: p95 < 1s', 'intent: GET /a: p95 < 1s', 'tag:checkout: max < 1h', 'errors < 1%']
  const abortOn = [{ expression: 'check:pa55word: errors < 9%', overMs: 5000 }]
  const bundle: ScenarioBundle = {
    scenario: 'a.burst.ts',
    code: '',
    hash: 'h',
    description: described({ name: 'checkout with pa55word and s3cret', thresholds, abortOn }),
    env: { SECTION: 'checkout', RULE: 'errors < 1%', API_KEY: 's3cret' },
    warnings: [],
    locate: (text) => `a.burst.ts:${thresholds.indexOf(text) + 1}`,
    checkNames: () => undefined,
  }
  const plan = newPlan({ ...options, runTimeMs: 60_000 }, bundle, origin)
  expect(plan.thresholds).toEqual([
    { expression: 'GET /***: p95 < 1s', at: 'a.burst.ts:1' },
    { expression: 'intent: GET /a: p95 < 1s', at: 'a.burst.ts:2' },
    { expression: 'tag:checkout: max < 1h', at: 'a.burst.ts:3' },
    { expression: 'errors < 1%', at: 'a.burst.ts:4' },
  ])
  expect(plan.abortOn?.map(({ expression }) => expression)).toEqual(['check:***: errors < 9%'])
  expect([plan.name, plan.run]).toEqual([
    'checkout with *** and ***',
    expect.stringMatching(/-checkout-with-and-\w{4}$/),
  ])
  expect(newPlan({ ...options, name: 'of s3cret' }, bundle, origin).name).toBe('of ***')
})
