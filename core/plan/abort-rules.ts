import { invalidInput } from '../errors.ts'
import { type AbortRule, mostAbortRules } from '../thresholds/abort-rule.ts'
import { span } from '../words.ts'
import type { Locate } from './locate.ts'
import type { PlannedAbortRule, RunPlan } from './plan.ts'

/** The longest span of a rule. The span is limited because the coordinator stores the counts of each window of the span. */
const longestOverMs = 600_000

interface Wished {
  description: { abortOn?: readonly AbortRule[] }
  /** The rules from `--abort-on`. */
  options: { abortOn?: readonly AbortRule[] }
  locate: Locate
}

/**
 * Returns the rules that stop the run, with spans rounded up to whole windows.
 * @throws BurstError (104) when a span is shorter than a window, longer than 10 min or longer than the run, or when there are too many rules
 */
export function plannedAbortRules(
  { description: { abortOn: file = [] }, options: { abortOn: flags = [] }, locate }: Wished,
  run: Pick<RunPlan, 'profile' | 'windowMs'>,
): Pick<RunPlan, 'abortOn'> {
  if (file.length + flags.length === 0) return {}
  if (file.length + flags.length > mostAbortRules) {
    throw invalidInput(`there are ${file.length + flags.length} rules in abortOn and --abort-on`, {
      hint: `give at most ${mostAbortRules}`,
    })
  }
  const placed = [
    ...file.map((rule) => ({ rule, at: locate(rule.expression, 'abortOn'), what: 'abortOn' })),
    ...flags.map((rule) => ({ rule, at: undefined, what: '--abort-on' })),
  ]
  const abortOn = placed.map(({ rule: { expression, overMs }, at, what }): PlannedAbortRule => {
    checkSpan(`${what} '${expression}' is judged over ${span(overMs)}`, { overMs, at }, run)
    return { expression, overMs: Math.ceil(overMs / run.windowMs) * run.windowMs, at: at ?? null }
  })
  return { abortOn }
}

function checkSpan(
  sentence: string,
  { overMs, at }: { overMs: number; at: string | undefined },
  { profile: { endMs }, windowMs }: Pick<RunPlan, 'profile' | 'windowMs'>,
): void {
  const refuse = (why: string, hint: string): never => {
    throw invalidInput(`${sentence}, ${why}`, { hint, ...(at !== undefined && { at }) })
  }
  if (overMs < windowMs) refuse(`but counts are merged only every ${span(windowMs)}`, `give at least ${span(windowMs)}`)
  if (overMs > longestOverMs) refuse('which is too long', `give at most ${span(longestOverMs)}`)
  if (endMs !== null && overMs > endMs) {
    refuse(`but the run lasts only ${span(endMs)}`, 'give a shorter span or a longer run')
  }
}
