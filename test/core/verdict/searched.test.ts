import { expect, test } from 'vitest'
import type { SearchStep } from '../../../core/fleet/changes/search.ts'
import type { SearchPlan } from '../../../core/plan/plan.ts'
import { searchFindings, searchInWords } from '../../../core/verdict/searched.ts'

const plan: SearchPlan = { start: 10, max: 40, whole: true, stepMs: 30_000, settleMs: 5000, precision: 0.1, until: [] }

function step(level: number, result: SearchStep['result'], note: string | null = null): SearchStep {
  return { level, result, note, fromMs: 0, toMs: 30_000, requests: 100, failures: 0, p95Ms: 20, thresholds: [] }
}

const busy = 'generator-bound'

test.for<[SearchStep[], string]>([
  [[], 'the search ended before it had measured a load'],
  [[step(10, 'unclear', busy)], 'the search ended without a result at 10 users: generator-bound'],
  [[step(10, 'held'), step(20, 'unclear', busy)], '10 users held, and the search ended at 20 users: generator-bound'],
  [[step(10, 'held')], '10 users held, and the search did not finish'],
])(
  'a search that ends early does not count as a failure of the target, and the finding gives the reason: %o',
  ([steps, sentence]) => {
    expect(searchFindings({ plan, steps })).toEqual([
      { reason: 'incomplete', result: 'inconclusive', sentence, foremost: true },
    ])
  },
)

test('a search whose first step broke is reported as a failure of the target', () => {
  const steps = [step(10, 'broke', 'it was 9 arrivals/s')]
  expect(searchInWords({ plan, steps })).toBe('the first step broke: 10 users broke the rate: it was 9 arrivals/s')
  expect(searchFindings({ plan, steps })).toMatchObject([{ reason: 'thresholdFailed', result: 'failed' }])
})

test('the sentence about a broken load names a threshold on errors before a threshold on times', () => {
  const failed = { passed: false, note: null }
  const thresholds = [
    { ...failed, expression: 'p95 < 400ms', value: 612, unit: 'ms' as const },
    { ...failed, expression: 'errors < 1%', value: 12, unit: '%' as const },
  ]
  const steps = [step(10, 'held'), { ...step(11, 'broke'), thresholds }, step(10, 'held')]
  expect(searchInWords({ plan, steps })).toBe("10 users held, 11 users broke 'errors < 1%' (it was 12 %)")
})

test('the result of a search names a load that held at first, and broke when burst repeated it', () => {
  const thresholds = [{ passed: false, note: null, expression: 'errors < 1%', value: 100, unit: '%' as const }]
  const broke = (level: number): SearchStep => ({ ...step(level, 'broke'), thresholds })
  const steps = [step(10, 'held'), step(20, 'held'), broke(22), broke(20), step(10, 'held')]
  expect(searchFindings({ plan, steps })).toEqual([])
  expect(searchInWords({ plan, steps })).toBe(
    "10 users held, 20 users broke 'errors < 1%' (it was 100 %), although this load had held at first",
  )
  const sentence =
    "20 users and 10 users held at first, but broke 'errors < 1%' (it was 100 %) when they were repeated: the target had not recovered from higher loads, or its limit varies"
  expect(searchFindings({ plan, steps: [...steps.slice(0, -1), broke(10)] })).toEqual([
    { reason: 'incomplete', result: 'inconclusive', sentence, foremost: true },
  ])
  expect(searchInWords({ plan, steps: [...steps.slice(0, -1), step(10, 'unclear', busy)] })).toBe(
    "10 users held, 20 users broke 'errors < 1%' (it was 100 %), although this load had held at first, and the search ended at 10 users: generator-bound",
  )
})
