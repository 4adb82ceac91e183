import { type SearchStep, bracketOf, contradictedIn, nextLevel, resultOf } from '../fleet/changes/search.ts'
import type { SearchPlan } from '../plan/plan.ts'
import { measuredValue } from '../thresholds/measured-value.ts'
import { counted, perSecond } from '../words.ts'
import type { Finding } from './finding.ts'

/** The search for the highest load: its plan and the measured steps. */
export interface Searched {
  plan: SearchPlan
  steps: readonly SearchStep[]
}

/**
 * Returns the findings of a search. The list is empty if the search found the highest load. The exit code is 99 if the first step broke, and 98 if
 * the search ended in any other way.
 */
export function searchFindings(search: Searched): Finding[] {
  const result = resultOf(search.plan, search.steps)
  if (result === 'found') return []
  const sentence = searchInWords(search)
  if (result === 'broke') return [{ reason: 'thresholdFailed', result: 'failed', sentence, foremost: true }]
  return [{ reason: 'incomplete', result: 'inconclusive', sentence, foremost: true }]
}

/** Describes the result: `200 users held, 225 users broke 'p95 < 400ms' (it was 612 ms)`. */
export function searchInWords({ plan, steps }: Searched): string {
  const { held, broke } = bracketOf(steps)
  const lowest = steps.find((step) => step.result === 'broke' && step.level === broke)
  if (lowest && isContradicted({ plan, steps })) return contradictedInWords({ plan, steps }, lowest)
  if (held === null && lowest) return `the first step broke: ${brokeInWords(lowest, plan)}`
  if (held === null) return endedEarly({ plan, steps })
  const parts = [
    `${levelInWords(held, plan)} held`,
    lowest ? brokeInWords(lowest, plan) : held === plan.max ? 'the highest load of the search' : '',
    heldAtFirst(steps),
    unfinished({ plan, steps }),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function heldAtFirst(steps: readonly SearchStep[]): string {
  return contradictedIn(steps).length > 0 ? 'although this load had held at first' : ''
}

/** Returns whether the search has no result because no repeated load held. */
function isContradicted({ plan, steps }: Searched): boolean {
  return steps.at(-1)?.result === 'broke' && contradictedIn(steps).length > 0 && nextLevel(plan, steps) === null
}

function contradictedInWords({ plan, steps }: Searched, lowest: SearchStep): string {
  const levels = contradictedIn(steps).map((level) => levelInWords(level, plan))
  return `${levels.join(' and ')} held at first, but broke ${whatBroke(lowest)} when they were repeated: the target had not recovered from higher loads, or its limit varies`
}

/** Describes a search that ended before any step held or broke. */
function endedEarly({ plan, steps }: Searched): string {
  const last = steps.at(-1)
  if (!last) return 'the search ended before it had measured a load'
  return `the search ended without a result at ${levelInWords(last.level, plan)}: ${last.note ?? 'this load could not be judged'}`
}

function unfinished({ plan, steps }: Searched): string {
  if (resultOf(plan, steps) !== 'unclear') return ''
  const last = steps.at(-1)
  if (last?.result !== 'unclear') return 'and the search did not finish'
  return `and the search ended at ${levelInWords(last.level, plan)}: ${last.note ?? 'this load could not be judged'}`
}

function brokeInWords(step: SearchStep, plan: SearchPlan): string {
  return `${levelInWords(step.level, plan)} broke ${whatBroke(step)}`
}

/**
 * Returns the reason why a step broke: the threshold that failed, e.g. `'p95 < 400ms' (it was 612 ms)`. If no threshold failed, the reason is the
 * rate of arrivals. Of several failed thresholds, a threshold on errors takes precedence, because errors of the target break a step even if the
 * latencies of the step may be inaccurate.
 */
function whatBroke({ thresholds, note }: Pick<SearchStep, 'thresholds' | 'note'>): string {
  const broken = thresholds.filter(({ passed }) => !passed)
  const failed = broken.find(({ unit }) => unit === '%') ?? broken[0]
  if (!failed) return `the rate: ${note ?? ''}`
  if (failed.value === null) return `'${failed.expression}' (${failed.note ?? 'not measured'})`
  return `'${failed.expression}' (it was ${measuredValue({ ...failed, value: failed.value })})`
}

/** Returns the reason why a step broke or is unclear; '' if the step held. */
export function whyOfStep(step: Pick<SearchStep, 'result' | 'thresholds' | 'note'>): string {
  if (step.result === 'held') return ''
  return step.result === 'broke' ? whatBroke(step) : (step.note ?? '')
}

/** Describes a load: `200 users`, or `12.5 arrivals/s`. */
export function levelInWords(level: number, { whole }: Pick<SearchPlan, 'whole'>): string {
  return whole ? counted(level, 'user') : `${perSecond(level)} arrivals/s`
}
