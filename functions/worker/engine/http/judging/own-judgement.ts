import { type Failure, NotInResponse } from '../failure.ts'
import { wordsOf } from '../../counting/thrown.ts'

const longestMessage = 200
const longestSource = 80

/**
 * Judges by a function of the scenario: it holds when it returns something true, or when it has no `return` and throws nothing. A false
 * value, an Error that is returned and whatever is thrown is a failure.
 */
export function judgeByOwn(
  own: (subject: never) => unknown,
  subject: unknown,
  message: string | undefined,
): Failure | null | Promise<Failure | null> {
  try {
    const result = (own as (subject: unknown) => unknown)(subject)
    if (!isThenable(result)) return resultFailure(result, own, message)
    return Promise.resolve(result).then(
      (late) => resultFailure(late, own, message),
      (thrown: unknown) => thrownFailure(thrown, message),
    )
  } catch (thrown) {
    return thrownFailure(thrown, message)
  }
}

/** @throws whatever the value throws when it is looked at */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function resultFailure(result: unknown, own: (subject: never) => unknown, message: string | undefined): Failure | null {
  if (result instanceof Error) return thrownFailure(result, message)
  const holds = result === undefined ? !returnsValue(own) : Boolean(result)
  return holds ? null : { kind: 'expect', message: message ?? `expected ${sourceOf(own)} to hold` }
}

function thrownFailure(thrown: unknown, message: string | undefined): Failure {
  if (message !== undefined) return { kind: 'expect', message }
  if (isAbsence(thrown)) return { kind: 'expect', message: thrown.failure.message }
  const text = wordsOf(thrown)
    .replace(/^(Error|AssertionError[^:]*): /, '')
    .trim()
  return { kind: 'expect', message: (text.split('\n')[0] ?? '').slice(0, longestMessage) }
}

/** Whatever a scenario throws may be a proxy that throws when it is looked at. */
export function isAbsence(thrown: unknown): thrown is NotInResponse {
  try {
    return thrown instanceof NotInResponse
  } catch {
    return false
  }
}

/** Whether the function is meant to give an answer, rather than to throw when something is wrong. */
function returnsValue(own: (subject: never) => unknown): boolean {
  const source = String(own)
  if (/\breturn\b/.test(source)) return true
  const arrow = source.indexOf('=>')
  return arrow !== -1 && !/^=>\s*\{/.test(source.slice(arrow))
}

function sourceOf(own: (subject: never) => unknown): string {
  const source = String(own).replaceAll(/\s+/g, ' ')
  return source.length > longestSource ? `${source.slice(0, longestSource)}…` : source
}
