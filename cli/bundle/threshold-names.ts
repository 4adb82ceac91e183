import type { ScenarioDescription } from '../../core/plan/scenario.ts'
import { invalidInput } from '../../core/errors.ts'
import { type ThresholdScope, parseThreshold } from '../../core/verdict/thresholds.ts'
import { type SourceText, escapeRegExp, locate } from './sources.ts'

/** What begins like a value that is only known at run time: no string, a template with a hole, or a sum. */
const computed = String.raw`\s*(?:[^'"\x60\s]|\x60[^\x60]*\$\{|'[^'\n]*'\s*\+|"[^"\n]*"\s*\+)`
/** A request, a recorded sample or a step whose name or route is computed. Any `.get(x)` counts, also that of a Map: better to miss a mistake than to refuse a good file. */
const computedName = new RegExp(
  String.raw`\bname\s*(?::${computed}|[,}])|\.(?:get|post|put|patch|delete|head|options|step)\(${computed}`,
)
/** Objects in which `name` is a parameter or a field, not the request's name. */
const payload = /\b(?:params|json|query|form|headers)\s*:\s*\{[^{}]*\}/g
const computedCheck = new RegExp(String.raw`\.check\(${computed}`)

/**
 * Finds thresholds that can never be met because what they name does not occur in the scenario. Where the source computes names, anything
 * may occur, and only the run can tell.
 * @throws BurstError (104)
 */
export function checkThresholds({ thresholds, classes }: ScenarioDescription, sources: readonly SourceText[]): void {
  const code = thresholds.reduce(
    (text, expression) => text.replaceAll(expression, ''),
    sources.map((one) => one.text).join('\n'),
  )
  const tags = new Set(classes.flatMap((one) => one.tasks.flatMap((task) => task.tags)))
  for (const expression of thresholds) {
    const at = locate(sources, expression)
    const missing = missingSubject(parse(expression, at), code, tags)
    if (missing !== undefined)
      throw invalidInput(`threshold '${expression}' names no ${missing} of this scenario`, { ...(at && { at }) })
  }
}

function parse(expression: string, at: string | undefined): ThresholdScope {
  try {
    return parseThreshold(expression).scope
  } catch (cause) {
    const { message, hint } = cause as { message: string; hint?: string }
    throw invalidInput(message, { cause, ...(hint && { hint }), ...(at && { at }) })
  }
}

function missingSubject(scope: ThresholdScope, code: string, tags: ReadonlySet<string>): string | undefined {
  if (scope.kind === 'tag') return tags.has(scope.tag) ? undefined : 'tag'
  if (scope.kind === 'check') return mayOccur(code, [scope.check], computedCheck) ? undefined : 'check'
  if (scope.kind === 'all') return undefined
  const names = [scope.name, scope.name.replace(/^\S+ +/, '')]
  return mayOccur(code, names, computedName) ? undefined : 'request, recorded sample or step'
}

function mayOccur(code: string, names: readonly string[], unlessComputed: RegExp): boolean {
  return unlessComputed.test(code.replace(payload, '')) || names.some((name) => occurs(code, name))
}

/** As the end of a string, perhaps with a query after it. */
function occurs(code: string, name: string): boolean {
  return new RegExp(`${escapeRegExp(name)}['"\`?#]`).test(code)
}
