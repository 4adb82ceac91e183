import type { Response } from '../../../../../core/authoring/requests/http.ts'
import { inWords, isRecord } from '../../../../../core/values-in-words.ts'
import { wordsOf } from '../../counting/thrown.ts'
import { isTaskEnd, isUnfinished } from '../failure.ts'
import { checkResult, checkRuns, inTime, isAbsence, isShortage, isThenable } from './own-judgement.ts'

/** A named check of the scenario. */
export interface Check {
  name: string
  passed: (response: Response) => unknown
}

export interface CheckResult {
  name: string
  passed: boolean
  /**
   * The error that the check's function threw, with the name of the check. Undefined if the function threw nothing. Also undefined in two cases that
   * are not mistakes in the function: it read something that the response does not contain, or the failure of another request ended it.
   */
  thrown?: Error
}

/**
 * Returns the checks that `.check(name, fn)` defines. Also accepts the arguments in k6's form, `.check({ name: fn, … })`.
 * @throws TypeError that says what `.check` takes
 */
export function checksOf(name: unknown, passed: unknown): Check[] {
  if (isRecord(name) && passed === undefined) {
    const all = Object.entries(name)
    if (all.length > 0) return all.flatMap(([one, fn]) => checksOf(one, fn))
    throw new TypeError('check() was given an object without functions; it takes { name: function, … }')
  }
  if (typeof name === 'string' && name !== '' && typeof passed === 'function') {
    checkRuns(passed, 'the function of check()')
    return [{ name, passed: passed as Check['passed'] }]
  }
  throw new TypeError(
    `check() was given ${inWords(name)} and ${inWords(passed)}; it takes a name and a function that receives the response`,
  )
}

/**
 * The result of a check. Undefined in two cases: the function did not finish because burst cut it off or its user called `this.stop()`, or the
 * function could not read the body because the worker had no memory for it.
 */
type Finished = CheckResult | undefined

/** Runs all checks, and awaits the asynchronous checks. Never rejects. */
export function runChecks(
  { checks, plan }: { readonly checks: readonly Check[]; readonly plan: { readonly timeoutMs: number } },
  response: Response,
): CheckResult[] | Promise<CheckResult[]> {
  const results = checks.map((check) => runCheck(check, response, plan.timeoutMs))
  return results.some(isThenable) ? allOf(results) : (results as Finished[]).filter(isFinished)
}

async function allOf(results: readonly (Finished | Promise<Finished>)[]): Promise<CheckResult[]> {
  const all: Finished[] = []
  for (const result of results) all.push(await result)
  return all.filter(isFinished)
}

function isFinished(result: Finished): result is CheckResult {
  return result !== undefined
}

function runCheck({ name, passed }: Check, response: Response, limitMs: number): Finished | Promise<Finished> {
  try {
    const result = passed(response)
    if (!isThenable(result)) return resultOf(name, result)
    return inTime(result, limitMs, 'its function').then(
      (late) => resultOf(name, late),
      (thrown: unknown) => threw(name, thrown),
    )
  } catch (thrown) {
    return threw(name, thrown)
  }
}

/** Returns the result of a check from the value that its function returned. If the function returned an Error, the check failed. Never throws. */
function resultOf(name: string, result: unknown): Finished {
  try {
    checkResult(result, 'its function')
    return { name, passed: Boolean(result) && !(result instanceof Error) }
  } catch (thrown) {
    return threw(name, thrown)
  }
}

/**
 * Returns the result of a check whose function threw: the check has failed. Returns undefined in the two cases that the comment of `Finished` names.
 * The error is reported, but must not stop the user. Two kinds of errors are not reported: the function read something that the response does not
 * contain, or another request failed, and this failure has already been counted.
 */
function threw(name: string, thrown: unknown): Finished {
  if (isUnfinished(thrown) || isShortage(thrown)) return undefined
  if (isAbsence(thrown) || isTaskEnd(thrown)) return { name, passed: false }
  return { name, passed: false, thrown: new CheckError(name, thrown) }
}

/** The error that is reported when a check's function throws. It contains the name of the check and the stack of the original error. */
class CheckError extends Error {
  override readonly name: string

  constructor(check: string, thrown: unknown) {
    super(wordsOf(thrown), { cause: thrown })
    this.name = `check '${check}'`
    const stack = stackOf(thrown)
    if (stack !== undefined) this.stack = stack
  }
}

/** Returns the stack of an error. The first access may run the scenario's code. */
function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error ? thrown.stack : undefined
  } catch {
    return undefined
  }
}
