import * as v from 'valibot'
import { count, gauge, text, textCaps, upTo } from '../../input/bounds.ts'
import type { SearchPlan } from '../../plan/plan.ts'
import { mostRepeated } from '../../plan/planned-search.ts'

/**
 * The search for the highest load at which all thresholds hold. The load doubles with each step, up to the maximum load of the search, until a step
 * breaks a threshold. If all thresholds hold at the maximum load, the search ends. After a step has broken a threshold, each later step tries the
 * middle between two loads: the highest load at which all thresholds held, and the lowest load that broke a threshold. If the last of these steps
 * broke, the search repeats the highest load that held, because the target may not have recovered from the higher loads. If this step breaks too, the
 * search repeats the next lower load that held, and then ends. Plain data and pure functions.
 */

const value = v.nullable(v.pipe(v.number(), v.finite()))
const stepThreshold = v.object({
  expression: text(textCaps.key),
  value,
  unit: text(20),
  passed: v.boolean(),
  note: v.nullable(text(textCaps.message)),
})

/** A load that the search tried, with its measurements. */
export const searchStep = v.object({
  /** Users, or arrivals per second. */
  level: gauge,
  /** The measured time span, in milliseconds since the start. */
  fromMs: upTo(31_536_000_000),
  toMs: upTo(31_536_000_000),
  requests: count,
  failures: count,
  /** The 95th percentile of the latency of all requests, in milliseconds. */
  p95Ms: value,
  /** `unclear`: the step allows no conclusion about the target, and the search ends. */
  result: v.picklist(['held', 'broke', 'unclear']),
  /** The reason why the step broke a threshold or is unclear; null if the results of the thresholds already show the reason. */
  note: v.nullable(text(textCaps.message)),
  thresholds: v.pipe(v.array(stepThreshold), v.maxLength(100)),
})
export type SearchStep = v.InferOutput<typeof searchStep>

/** An upper bound for the number of steps of a search. */
export const stepsCap = 200

type Tried = Pick<SearchStep, 'level' | 'result'>

/**
 * Returns the highest load that held, and the lowest load that broke; each is null if there is no such load. If a load was repeated, its last clear
 * step counts.
 */
export function bracketOf(steps: readonly Tried[]): { held: number | null; broke: number | null } {
  const clear = steps.filter(({ result }) => result !== 'unclear')
  const results = new Map(clear.map(({ level, result }) => [level, result]))
  const levels = (wanted: Tried['result']): number[] =>
    [...results].filter(([, result]) => result === wanted).map(([level]) => level)
  const [held, broke] = [levels('held'), levels('broke')]
  return {
    held: held.length === 0 ? null : held.reduce((a, b) => Math.max(a, b)),
    broke: broke.length === 0 ? null : broke.reduce((a, b) => Math.min(a, b)),
  }
}

/** Returns the loads that held at first, and broke when they were repeated. */
export function contradictedIn(steps: readonly Tried[]): number[] {
  const held = new Set<number>()
  const contradicted: number[] = []
  for (const { level, result } of steps) {
    if (result === 'held') held.add(level)
    else if (result === 'broke' && held.has(level)) contradicted.push(level)
  }
  return contradicted
}

type Bounds = Pick<SearchPlan, 'start' | 'max' | 'precision' | 'whole'>

/** Returns the load of the next step; null if the search has ended. */
export function nextLevel(search: Bounds, steps: readonly Tried[]): number | null {
  const last = steps.at(-1)?.result
  if (last === undefined) return search.start
  const { held, broke } = bracketOf(steps)
  if (held === null || last === 'unclear') return null
  return broke === null ? doubled(held, search.max) : narrowed({ held, broke }, search, steps)
}

/** Returns the load after a load has broken: a load between `held` and `broke`, or the repeated load `held`; null if the search has ended. */
function narrowed(
  { held, broke }: { held: number; broke: number },
  search: Bounds,
  steps: readonly Tried[],
): number | null {
  const between = contradictedIn(steps).length === 0 ? strictlyBetween(held, broke, search) : null
  return between ?? (mayRepeat(steps) ? held : null)
}

/** Returns whether the last step broke, and the search may still repeat a load. */
function mayRepeat(steps: readonly Tried[]): boolean {
  return steps.at(-1)?.result === 'broke' && contradictedIn(steps).length < mostRepeated
}

function doubled(held: number, max: number): number | null {
  return held >= max ? null : Math.min(max, 2 * held)
}

/** Returns a load between the two loads; null if the interval is narrow enough. */
function strictlyBetween(
  held: number,
  broke: number,
  { precision, whole }: Pick<Bounds, 'precision' | 'whole'>,
): number | null {
  if (broke - held <= precision * held) return null
  const middle = between(held, broke, whole)
  return middle > held && middle < broke ? middle : null
}

/** Returns the middle of two loads: a whole number of users, or a rate rounded to four significant digits. */
function between(held: number, broke: number, whole: boolean): number {
  const middle = (held + broke) / 2
  return whole ? Math.round(middle) : Number(middle.toPrecision(4))
}

/**
 * The result of a search. `found`: either all thresholds held at the maximum load of the search, or the search determined the highest load at which
 * all thresholds hold, with the requested precision. If this load broke when it was repeated, the next lower load that held is the result. `broke`: the
 * first step already broke a threshold. `unclear`: the search ended in any other way.
 */
export type SearchResult = 'found' | 'broke' | 'unclear'

/** @param steps all steps of a search that has ended or was stopped */
export function resultOf(search: SearchPlan, steps: readonly Tried[]): SearchResult {
  if (steps.length === 0 || nextLevel(search, steps) !== null || steps.at(-1)?.result === 'unclear') return 'unclear'
  if (bracketOf(steps).held === null) return contradictedIn(steps).length === 0 ? 'broke' : 'unclear'
  return contradictedIn(steps).length < mostRepeated ? 'found' : 'unclear'
}

/** The time span in which a step is measured, in milliseconds since the start. The span consists of whole windows. */
export interface StepSpan {
  level: number
  fromMs: number
  toMs: number
}
