import { invalidInput } from '../errors.ts'
import type { ScenarioDescription } from '../authoring/description.ts'
import { type FindWish, mostUntil } from '../thresholds/find-wish.ts'
import { parseThreshold } from '../thresholds/threshold.ts'
import { grouped, span } from '../words.ts'
import type { PlannedLoad } from './load/lay-load.ts'
import type { Locate } from './locate.ts'
import { usersCap } from './option-checks.ts'
import type { RunOptions } from './options.ts'
import type { SearchPlan } from './plan.ts'

const defaults = { stepMs: 60_000, precision: 0.05, steps: 16 } as const
const limits = { stepMs: [10_000, 3_600_000], precision: [0.01, 0.5] } as const
/**
 * The time in milliseconds from the end of a step to the next change of the load. In this time, the counts of the step arrive, and the workers read
 * the change.
 */
const betweenMs = { local: 20_000, aws: 45_000 } as const
const longestSettleMs = 30_000

/** The maximum number of loads that a search repeats at its end. */
export const mostRepeated = 2

/** The plan of a search depends on these properties of the backend. */
export interface SearchPlace {
  backend: 'local' | 'aws'
  windowMs: number
  locate: Locate
}

/**
 * Returns whether a run searches for the highest load. `burst find` always searches. `burst run` searches if the scenario file has `find`, and
 * neither the file nor the command line determines the load.
 */
export function wantsSearch({ find, load }: ScenarioDescription, options: RunOptions): boolean {
  if (options.find) return true
  const { users, spawnRate, rate, runTimeMs, iterations } = options
  const given = [users, spawnRate, rate, runTimeMs, iterations].some((value) => value !== undefined)
  return find !== undefined && load.kind === 'none' && !given
}

/**
 * Returns the plan of a search, and the load of its first step. The scenario file and the command line describe the search.
 * @throws BurstError (104) when a value is invalid or the search has no threshold
 */
export function plannedSearch(
  description: ScenarioDescription,
  { options, base, place }: { options: RunOptions; base: PlannedLoad; place: SearchPlace },
): { load: PlannedLoad; search: SearchPlan } {
  const wish: FindWish = { ...description.find, ...options.find }
  const whole = base.model === 'users'
  const { max, start } = levelsOf(wish, whole)
  const stepMs = wholeWindows(between('step', wish.stepMs ?? defaults.stepMs, limits.stepMs), place.windowMs)
  const search: SearchPlan = {
    start,
    max,
    whole,
    stepMs,
    settleMs: wholeWindows(Math.min(stepMs / 4, longestSettleMs), place.windowMs),
    precision: between('precision', wish.precision ?? defaults.precision, limits.precision),
    until: untilOf(description, options, place.locate),
  }
  const points = [
    { atMs: 0, level: 0 },
    { atMs: search.settleMs / 2, level: start },
  ]
  return { load: { ...base, profile: { points, endMs: longestMs(search, place) } }, search }
}

/** Returns the maximum number of steps of a search. */
export function mostSteps({ start, max, precision }: Pick<SearchPlan, 'start' | 'max' | 'precision'>): number {
  const doublings = Math.max(0, Math.ceil(Math.log2(max / start)))
  // One additional step may be necessary because loads are rounded to whole numbers.
  return 1 + doublings + Math.ceil(Math.log2(1 / precision)) + 1 + mostRepeated
}

function longestMs(search: SearchPlan, { backend, windowMs }: SearchPlace): number {
  return wholeWindows(mostSteps(search) * (search.settleMs + search.stepMs + betweenMs[backend]), windowMs)
}

function wholeWindows(ms: number, windowMs: number): number {
  return Math.ceil(ms / windowMs) * windowMs
}

function levelsOf({ max, start }: FindWish, whole: boolean): { max: number; start: number } {
  if (max === undefined) {
    throw invalidInput('the search has no maximum load', {
      hint: 'give --max 500, or find: { max: 500 } in the scenario; max is a number of users, or of arrivals per second if load has arrivals',
    })
  }
  const first = start ?? (whole ? Math.ceil(max / defaults.steps) : max / defaults.steps)
  checkLevel('max', max, whole)
  checkLevel('start', first, whole)
  if (first <= max) return { max, start: first }
  throw invalidInput(`the search starts at ${grouped(first)}, above its max of ${grouped(max)}`, {
    hint: 'give a lower --start',
  })
}

function checkLevel(what: string, level: number, whole: boolean): void {
  if (level > 0 && level <= usersCap && (!whole || Number.isInteger(level))) return
  throw invalidInput(`${what} of the search is ${level}`, {
    hint: `give ${whole ? 'a whole number' : 'a number'} above 0 and up to ${grouped(usersCap)}`,
  })
}

function between(what: 'step' | 'precision', value: number, [least, most]: readonly [number, number]): number {
  if (value >= least && value <= most) return value
  const shown = (n: number): string => (what === 'step' ? span(n) : `${Number((n * 100).toPrecision(6))}%`)
  throw invalidInput(`${what} of the search is ${shown(value)}`, {
    hint: `give from ${shown(least)} to ${shown(most)}`,
  })
}

function untilOf({ find, thresholds }: ScenarioDescription, options: RunOptions, locate: Locate): SearchPlan['until'] {
  const typed = options.find?.until
  const own = find?.until
  const until = typed ?? own ?? thresholds
  if (until.length === 0) {
    throw invalidInput('the search has no threshold that could break', {
      hint: "give --until 'p95 < 400ms', until: ['p95 < 400ms'] in find, or thresholds in the scenario",
    })
  }
  if (until.length > mostUntil) {
    throw invalidInput(`the search has ${until.length} thresholds`, { hint: `give at most ${mostUntil}` })
  }
  const at = (expression: string): string | null =>
    typed ? null : (locate(expression, own ? 'until' : 'thresholds') ?? null)
  return until.map((expression) => {
    refuseLeastRate(expression, at(expression))
    return { expression, at: at(expression) }
  })
}

/** @throws BurstError (104) for a threshold with a minimum rate. A search begins with low loads, and such a threshold breaks at low loads */
function refuseLeastRate(expression: string, at: string | null): void {
  const { measure, operator } = parseThreshold(expression)
  if (measure.kind !== 'rps' || operator.startsWith('<')) return
  throw invalidInput(`a search cannot use the threshold '${expression}', because it breaks at a low load`, {
    ...(at !== null && { at }),
    hint: "a search raises the load until a threshold breaks; give --until or the option until of find, for example 'p95 < 400ms'",
  })
}
