import { describe, expect, test } from 'vitest'
import { HttpUser } from '../../../core/authoring/http-user.ts'
import { type Find, scenario } from '../../../core/authoring/definition.ts'
import { describeScenario } from '../../../core/authoring/describing/describe-scenario.ts'
import { arrivals, hold, ramp } from '../../../core/authoring/load-stages.ts'
import { quoteOf } from '../../../core/fleet/cost.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import { planRun } from '../../../core/plan/plan-run.ts'
import { decodePlan } from '../../../core/plan/plan-schema.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'

class Visitor extends HttpUser {
  override tasks = { home: 1 }
  async home() {}
}
const facts = {
  run: 'r',
  scenario: 's.burst.ts',
  bundle: 'b'.repeat(64),
  build: 'b',
  createdAt: 0,
  seed: 's',
  cores: 2,
  region: 'r',
}

function planned(more: object, options: Partial<RunOptions> = {}, backend: 'local' | 'aws' = 'local'): RunPlan {
  const description = describeScenario(scenario({ host: 'http://shop.example', users: [Visitor], ...more }))
  const all = { tags: [], excludeTags: [], vars: {}, failOnError: false, ...options }
  return planRun({
    description,
    options: all,
    facts: { ...facts, backend },
    locate: (text, after) => `${text} after ${after}`,
  })
}
const find = (more: Partial<Find> = {}) => ({ find: { max: 5000, step: '1m', until: ['p95 < 400ms'], ...more } })

test('a search plans workers and users for `max`, begins at a sixteenth of `max`, and judges only its own thresholds', () => {
  const plan = planned({ ...find(), thresholds: ['errors < 1%'] }, {}, 'aws')
  expect(plan).toMatchObject({ users: 5000, model: 'users', thresholds: [] })
  expect(plan.slices).toHaveLength(7)
  expect(plan.search).toEqual({
    start: 313,
    max: 5000,
    whole: true,
    stepMs: 60_000,
    settleMs: 15_000,
    precision: 0.05,
    until: [{ expression: 'p95 < 400ms', at: 'p95 < 400ms after until' }],
  })
  expect(plan.profile.points.at(-1)).toEqual({ atMs: 7500, level: 313 })
  expect(plan.words[0]).toMatch(
    /^searches for the highest load, up to 5,000 users, at which 'p95 < 400ms' holds; starts at 313 users/,
  )
  expect(decodePlan(JSON.stringify(plan))).toEqual(plan)
  // The quote assumes the highest load during the longest time that the search can take.
  const rates = { workerMb: 1769, architecture: 'arm64' as const }
  expect(quoteOf(plan, rates).requests).toBe((5000 * (plan.profile.endMs ?? 0)) / 1000)
})

test('burst run searches if the scenario file has `find` and no load, and burst find always searches', () => {
  const load = { load: [ramp(10, '10s'), hold('1m')] }
  expect(planned(find()).search?.max).toBe(5000)
  expect(planned(find(), { users: 5, runTimeMs: 60_000 }).search).toBeUndefined()
  expect(planned({ ...find(), ...load }).search).toBeUndefined()
  expect(planned({ ...find(), ...load }, { find: {} }).search?.max).toBe(5000)
  const flags = { max: 80, start: 20, stepMs: 12_000, precision: 0.2, until: ['errors < 1%'] }
  expect(planned({ ...find(), ...load }, { find: flags }).search).toMatchObject({
    ...flags,
    stepMs: 15_000,
    settleMs: 5000,
    until: [{ expression: 'errors < 1%', at: null }],
  })
  expect(planned({ thresholds: ['p95 < 1s'] }, { find: { max: 10 } }).search?.until).toHaveLength(1)
})

test('a search with arrivals looks for the highest rate, and its user pool is large enough for `max`', () => {
  const plan = planned({ ...find({ max: 50, start: 0.5 }), load: [arrivals(10, '1m')] }, { find: {} })
  expect(plan).toMatchObject({ model: 'arrivals', users: 500, search: { whole: false, start: 0.5, max: 50 } })
})

describe('an impossible search', () => {
  test.each<[object, Partial<RunOptions>, string]>([
    [{ thresholds: ['p95 < 1s'] }, { find: {} }, 'the search has no maximum load'],
    [{}, { find: { max: 10 } }, 'the search has no threshold that could break'],
    [
      { thresholds: ['p95 < 1s', 'rps > 100'] },
      { find: { max: 10 } },
      "a search cannot use the threshold 'rps > 100', because it breaks at a low load",
    ],
    [find({ until: ['GET /: rps >= 5'] }), {}, "a search cannot use the threshold 'GET /: rps >= 5'"],
    [{}, { find: { max: 10, until: ['rps > 1'] } }, "a search cannot use the threshold 'rps > 1'"],
    [find({ start: 6000 }), {}, 'the search starts at 6,000, above its max of 5,000'],
    [find({ max: 10.5 }), {}, 'max of the search is 10.5'],
    [find({ max: 0 }), {}, 'max of the search is 0'],
    [find({ step: '5s' }), {}, 'step of the search is 5 s'],
    [find({ step: '2h' }), {}, 'step of the search is 2 h'],
    [find({ precision: '0.5%' }), {}, 'precision of the search is 0.5%'],
    [find({ precision: 'some' as never }), {}, '\'precision\' of find is "some"'],
    [{ find: { maximum: 3 } }, {}, "'find' has an unknown option 'maximum'"],
    [{ find: { step: '1m' } }, {}, "'max' of find is undefined"],
    [{ find: 5 }, {}, "'find' of scenario() is 5"],
    [{ find: { max: 5, until: 'p95 < 1s' } }, {}, '\'until\' of find is "p95 < 1s"'],
  ])(
    'a search with the scenario options %j and the flags %j is refused, and the error message names the fault',
    (more, options, sentence) => {
      expect(() => planned(more, options)).toThrow(
        expect.objectContaining({ message: expect.stringContaining(sentence), exitCode: 104 }),
      )
    },
  )
})
