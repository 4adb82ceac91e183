import * as v from 'valibot'
import { count, gauge, text, textCaps, upTo } from '../../input/bounds.ts'
import type { SearchPlan } from '../../plan/plan.ts'

/**
 * The search for the highest load at which all thresholds hold. The load doubles with each step, up to the maximum load of the search, until a step
 * breaks a threshold. If all thresholds hold at the maximum load, the search ends. After a step has broken a threshold, each later step tries the
 * middle between two loads: the highest load at which all thresholds held, and the lowest load that broke a threshold. If the last of these steps
 * broke, a final step tries the highest load that held once more, because the target may not have recovered from the higher loads. Plain data and
 * pure functions.
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
 * Returns the highest load of a step with the result `held`, and the lowest load of a step with the result `broke`; each is null if no step has this
 * result.
 */
export function bracketOf(steps: readonly Tried[]): { held: number | null; broke: number | null } {
  const levels = (result: Tried['result']): number[] =>
    steps.filter((step) => step.result === result).map(({ level }) => level)
  const [held, broke] = [levels('held'), levels('broke')]
  return {
    held: held.length === 0 ? null : held.reduce((a, b) => Math.max(a, b)),
    broke: broke.length === 0 ? null : broke.reduce((a, b) => Math.min(a, b)),
  }
}

type Bounds = Pick<SearchPlan, 'start' | 'max' | 'precision' | 'whole'>

/** Returns the load of the next step; null if the search has ended. */
export function nextLevel({ start, max, ...width }: Bounds, steps: readonly Tried[]): number | null {
  const last = steps.at(-1)?.result
  if (last === undefined) return start
  const { held, broke } = bracketOf(steps)
  if (held === null || last === 'unclear' || isContradicted({ held, broke })) return null
  return broke === null ? doubled(held, max) : (strictlyBetween(held, broke, width) ?? onceMore(held, last))
}

function doubled(held: number, max: number): number | null {
  return held >= max ? null : Math.min(max, 2 * held)
}

/** Returns the highest load that held, if the last step broke; otherwise null. */
function onceMore(held: number, last: Tried['result']): number | null {
  return last === 'broke' ? held : null
}

/** Returns whether the highest load that held broke when it was tried once more. */
export function isContradicted({ held, broke }: ReturnType<typeof bracketOf>): boolean {
  return held !== null && broke !== null && broke <= held
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

/** Returns the middle of two loads: a whole number of users, or a rate rounded to four digits. */
function between(held: number, broke: number, whole: boolean): number {
  const middle = (held + broke) / 2
  return whole ? Math.round(middle) : Number(middle.toPrecision(4))
}

/**
 * The result of a search. `found`: either all thresholds held at the maximum load of the search, or the search determined the highest load at which
 * all thresholds hold, with the requested precision. `broke`: the first step already broke a threshold. `unclear`: the search ended in any other way,
 * for example because the highest load that held broke when it was tried once more.
 */
export type SearchResult = 'found' | 'broke' | 'unclear'

/** @param steps all steps of a search that has ended or was stopped */
export function resultOf(search: SearchPlan, steps: readonly Tried[]): SearchResult {
  if (steps.length === 0 || nextLevel(search, steps) !== null || steps.at(-1)?.result === 'unclear') return 'unclear'
  const bracket = bracketOf(steps)
  if (isContradicted(bracket)) return 'unclear'
  return bracket.held === null ? 'broke' : 'found'
}

/** The time span in which a step is measured, in milliseconds since the start. The span consists of whole windows. */
export interface StepSpan {
  level: number
  fromMs: number
  toMs: number
}
