import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type SearchStep,
  bracketOf,
  contradictedIn,
  nextLevel,
  resultOf,
} from '../../../../core/fleet/changes/search.ts'
import { mostSteps } from '../../../../core/plan/planned-search.ts'
import type { SearchPlan } from '../../../../core/plan/plan.ts'

type Tried = Pick<SearchStep, 'level' | 'result'>

const searchOf = (more: Partial<SearchPlan> = {}): SearchPlan => ({
  start: 10,
  max: 1000,
  whole: true,
  stepMs: 60_000,
  settleMs: 15_000,
  precision: 0.05,
  until: [{ expression: 'p95 < 1s', at: null }],
  ...more,
})

/** Returns all steps of a search. `target` returns the result of a step with the given load. */
function searched(search: SearchPlan, target: (level: number, step: number) => Tried['result']): Tried[] {
  const steps: Tried[] = []
  for (let level = nextLevel(search, steps); level !== null; level = nextLevel(search, steps)) {
    steps.push({ level, result: target(level, steps.length) })
    if (steps.length > 500) throw new Error('the search does not end')
  }
  return steps
}

const plans = fc
  .record({
    max: fc.integer({ min: 1, max: 1_000_000 }),
    part: fc.double({ min: 0.000_01, max: 1, noNaN: true }),
    precision: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    whole: fc.boolean(),
  })
  .map(({ max, part, precision, whole }) => {
    const start = whole ? Math.max(1, Math.round(max * part)) : Number((max * part).toPrecision(4))
    return searchOf({ max, start: Math.min(max, start), precision, whole })
  })

/**
 * Returns the width of the searched interval minus the requested width. If no step failed, returns `max` minus the highest load that passed; if no
 * step passed, returns 0. The requested width is at least one user, because numbers of users are whole. For rates, the requested width is at least
 * 0.1 % of the lowest rate that failed, because rates have four digits.
 */
function widthLeft({ max, precision, whole }: SearchPlan, steps: Tried[]): number {
  const { held, broke } = bracketOf(steps)
  if (held === null) return 0
  if (broke === null) return max - held
  return broke - held - Math.max(precision * held, whole ? 1 : 0.001 * broke)
}

test('for a target with a fixed limit, each step of a search keeps the limit within the searched interval', () => {
  fc.assert(
    fc.property(plans, fc.double({ min: 0, max: 1.2, noNaN: true }), (search, share) => {
      const limit = share * search.max
      const steps = searched(search, (level) => (level <= limit ? 'held' : 'broke'))
      expect(steps.length).toBeLessThanOrEqual(mostSteps(search))
      for (let k = 1; k <= steps.length; k++) {
        const { held, broke } = bracketOf(steps.slice(0, k))
        expect(steps[k - 1]?.level).toBeLessThanOrEqual(search.max)
        expect(held ?? 0).toBeLessThanOrEqual(limit)
        expect(broke ?? Number.POSITIVE_INFINITY).toBeGreaterThan(limit)
      }
      expect(resultOf(search, steps)).toBe(search.start > limit ? 'broke' : 'found')
      expect(widthLeft(search, steps)).toBeLessThanOrEqual(0)
    }),
  )
})

test('at the end of a search with random results, the highest load that passed is below the lowest load that failed', () => {
  fc.assert(
    fc.property(
      plans,
      fc.infiniteStream(fc.constantFrom<Tried['result']>('held', 'held', 'broke', 'unclear')),
      (search, results) => {
        const steps = searched(search, () => results.next().value as Tried['result'])
        expect(steps.length).toBeLessThanOrEqual(mostSteps(search))
        const { held, broke } = bracketOf(steps)
        expect(held ?? 0).toBeLessThan(broke ?? Number.POSITIVE_INFINITY)
        expect(steps.length - new Set(steps.map(({ level }) => level)).size).toBeLessThanOrEqual(2)
        expect(contradictedIn(steps).length > 1 && resultOf(search, steps) !== 'unclear').toBe(false)
      },
    ),
  )
})

test('the search doubles the load until a threshold fails, and then halves the interval', () => {
  const steps = searched(searchOf(), (level) => (level <= 275 ? 'held' : 'broke'))
  expect(steps.map(({ level }) => level)).toEqual([10, 20, 40, 80, 160, 320, 240, 280, 260, 270])
  expect(bracketOf(steps)).toEqual({ held: 270, broke: 280 })
})

const levels = [10, 20, 40, 80, 160, 320, 240, 200, 180, 170, 165, 160]

test('if the last step broke, a search repeats the highest load that held, because the target may not have recovered', () => {
  const steps = searched(searchOf(), (level) => (level <= 160 ? 'held' : 'broke'))
  expect(steps.map(({ level }) => level)).toEqual(levels)
  expect([resultOf(searchOf(), steps), resultOf(searchOf(), steps.slice(0, -1))]).toEqual(['found', 'unclear'])
})

test('if the repeated load breaks, a search repeats the next lower load that held, and this load is the result if it holds', () => {
  const changed = searched(searchOf(), (level, step) => (level <= (step < 6 ? 160 : 100) ? 'held' : 'broke'))
  expect(changed.map(({ level }) => level)).toEqual([...levels, 80])
  expect(bracketOf(changed)).toEqual({ held: 80, broke: 160 })
  expect([resultOf(searchOf(), changed), contradictedIn(changed)]).toEqual(['found', [160]])
})

test('a search has no result if neither repeated load holds', () => {
  const damaged = searched(searchOf(), (level, step) => (level <= 160 && step < 6 ? 'held' : 'broke'))
  expect(damaged.map(({ level }) => level)).toEqual([...levels, 80])
  expect([resultOf(searchOf(), damaged), contradictedIn(damaged)]).toEqual(['unclear', [160, 80]])
  const first = searched(searchOf(), (level, step) => (level < 20 && step === 0 ? 'held' : 'broke'))
  expect([first.map(({ level }) => level), resultOf(searchOf(), first)]).toEqual([
    [10, 20, 15, 13, 12, 11, 10],
    'unclear',
  ])
})

test('an inconclusive step ends the search without a result, even if earlier steps passed', () => {
  const steps = searched(searchOf(), (level) => (level < 80 ? 'held' : 'unclear'))
  expect(steps.map(({ level }) => level)).toEqual([10, 20, 40, 80])
  expect(resultOf(searchOf(), steps)).toBe('unclear')
  expect(bracketOf(steps)).toEqual({ held: 40, broke: null })
  expect(resultOf(searchOf(), steps.slice(0, 2))).toBe('unclear')
})
