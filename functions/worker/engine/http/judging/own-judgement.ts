import { LongTimer } from '../../scheduling/long-timer.ts'
import { type Failure, NotInResponse, isUnfinished } from '../failure.ts'
import { wordsOf } from '../../counting/thrown.ts'
import { milliseconds } from '../../../../../core/words.ts'

const longestSource = 80

/**
 * The error for a wrong function of the scenario: the function returns a function or a generator, or its promise does not settle in time. burst
 * reports this error even if the scenario defines another message for the failure.
 */
class Misuse extends TypeError {}

/** Returns whether a thrown value is a `Misuse`. Returns false if the thrown value is a proxy that throws when `instanceof` inspects it. */
function isMisuse(thrown: unknown): boolean {
  try {
    return thrown instanceof Misuse
  } catch {
    return false
  }
}

/** A function of the scenario, its argument, and the time limit for its promise. */
export interface OwnFunction {
  run: (subject: never) => unknown
  subject: unknown
  /** The message of the failure if the function does not accept its argument. */
  message: string | undefined
  limitMs: number
}

/**
 * Calls a function of the scenario that judges a response. The response passes if the function returns a truthy value or undefined (a function may
 * report failures only by throwing). The response fails if the function returns another falsy value, an Error, a function or a generator, if it
 * throws, or if it returns a promise that takes too long. If burst cuts the function off, or if the user calls `this.stop()`, the response does not
 * fail.
 */
export function judgeByOwn(own: OwnFunction): Failure | null | Promise<Failure | null> {
  const { run, subject, message, limitMs } = own
  try {
    const result = (run as (subject: unknown) => unknown)(subject)
    if (!isThenable(result)) return resultFailure(result, own)
    return inTime(result, limitMs, 'the function of expect()').then(
      (late) => lateFailure(late, own),
      (thrown: unknown) => thrownFailure(thrown, message),
    )
  } catch (thrown) {
    return thrownFailure(thrown, message)
  }
}

/**
 * Returns a promise that settles like `late`, but rejects if `late` has not settled after `limitMs`. `what` names the function that returned `late`.
 */
export function inTime<T>(late: PromiseLike<T>, limitMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooLong = new Misuse(`${what} returned a promise that did not settle within ${milliseconds(limitMs)}`)
    const timer = new LongTimer(() => reject(tooLong), limitMs)
    late.then(
      (value) => {
        timer.clear()
        resolve(value)
      },
      (thrown: unknown) => {
        timer.clear()
        reject(thrown)
      },
    )
  })
}

/**
 * Refuses a generator function, because calling a generator function does not run its code.
 * @throws TypeError for a generator function
 */
export function checkRuns(given: unknown, what: string): void {
  if (!/Generator/.test(Object.prototype.toString.call(given))) return
  throw new TypeError(`${what} is a generator function, which does not run when it is called: leave out the *`)
}

/**
 * Refuses a result that would be truthy for every response.
 * @throws TypeError for a function or a generator
 */
export function checkResult(result: unknown, what: string): void {
  const returned = alwaysTruthy(result)
  if (returned === undefined) return
  throw new Misuse(`${what} returned ${returned}: it must return true or false, or a promise of true or false`)
}

/** If a result would be truthy for every response, returns its kind in words. Returns undefined for any other result. */
export function alwaysTruthy(result: unknown): 'a function' | 'a generator' | undefined {
  if (typeof result === 'function') return 'a function'
  return /Generator/.test(Object.prototype.toString.call(result)) ? 'a generator' : undefined
}

/**
 * Returns whether a value has a `then` method.
 * @throws the error that the value throws when it is inspected
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function resultFailure(result: unknown, { run, message }: OwnFunction): Failure | null {
  checkResult(result, 'the function of expect()')
  if (result instanceof Error) return thrownFailure(result, message)
  const holds = result === undefined || Boolean(result)
  return holds ? null : { kind: 'expect', message: message ?? `expected ${sourceOf(run)} to hold` }
}

/** Returns the failure for the result of a promise. Also handles a result that throws when it is inspected. */
function lateFailure(late: unknown, own: OwnFunction): Failure | null {
  try {
    return resultFailure(late, own)
  } catch (thrown) {
    return thrownFailure(thrown, own.message)
  }
}

function thrownFailure(thrown: unknown, message: string | undefined): Failure | null {
  if (isUnfinished(thrown)) return null
  if (isShortage(thrown)) return thrown.failure
  if (message !== undefined && !isMisuse(thrown)) return { kind: 'expect', message }
  if (isAbsence(thrown)) return { kind: 'expect', message: thrown.failure.message }
  const text = wordsOf(thrown)
    .replace(/^(Error|TaskEnd|AssertionError[^:]*): /, '')
    .trim()
  return { kind: 'expect', message: text.split('\n')[0] ?? '' }
}

/**
 * Returns whether a function threw because it read something that the response does not contain. Returns false if the thrown value is a proxy that
 * throws when `instanceof` inspects it.
 */
export function isAbsence(thrown: unknown): thrown is NotInResponse {
  try {
    return thrown instanceof NotInResponse
  } catch {
    return false
  }
}

/** Returns whether a function threw because it read a body for which the worker had no memory. The target did not cause this failure. */
export function isShortage(thrown: unknown): thrown is NotInResponse {
  return isAbsence(thrown) && thrown.failure.kind === 'generator'
}

function sourceOf(own: (subject: never) => unknown): string {
  const source = String(own).replaceAll(/\s+/g, ' ')
  return source.length > longestSource ? `${source.slice(0, longestSource)}…` : source
}
