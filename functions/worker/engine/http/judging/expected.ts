import type { Expectation, Response } from '../../../../../core/authoring/requests/http.ts'
import { durationMs } from '../../../../../core/duration.ts'
import { suggestedName } from '../../../../../core/closest-name.ts'
import { inWords, isRecord } from '../../../../../core/values-in-words.ts'
import { checkRuns } from './own-judgement.ts'
import { milliseconds } from '../../../../../core/words.ts'

/** A string that a body must contain, a pattern that the body must match, or a function that must accept the body. */
export type BodyRule = string | RegExp | ((text: string) => unknown)

/** A function of the scenario that judges a response, and the message of the failure if the function does not accept the response. */
interface ResponseTest {
  run: (response: Response) => unknown
  message: string | undefined
}

/** The checked arguments of all `.expect(…)` calls of one request. */
export interface Expected {
  readonly status: readonly number[] | undefined
  readonly under: { readonly ms: number; readonly text: string } | undefined
  readonly bodies: readonly BodyRule[]
  readonly tests: readonly ResponseTest[]
}

const nothing: Expected = { status: undefined, under: undefined, bodies: [], tests: [] }
/** The expectations that consist of one status, such as `.expect(200)`, by this status. All requests with the same expectation share it. */
const plainStatuses = new Map<number, Expected>()
const known: readonly (keyof Expectation)[] = ['status', 'under', 'body']

/**
 * Combines earlier and new expectations. New statuses and limits replace the earlier ones. New bodies and functions are added to the earlier ones.
 * @throws TypeError that says which arguments `.expect(…)` takes
 */
export function alsoExpected(
  before: Expected | undefined,
  given: unknown,
  message: unknown,
  timeoutMs: number,
): Expected {
  if (typeof given === 'function') return withTest(before, given as ResponseTest['run'], message)
  if (message !== undefined) throw secondArgument(given, message)
  if (typeof given === 'number') return withStatus(before, given)
  if (Array.isArray(given)) return { ...nothing, ...before, status: checkedStatuses(given) }
  if (isRecord(given)) return withOptions(before, given, timeoutMs)
  const hint = typeof given === 'string' ? ' (for a string in the body: expect({ body: … }))' : ''
  throw new TypeError(
    `expect() was given ${inWords(given)}; it takes a status, { status, under, body } or a function that receives the response${hint}`,
  )
}

function withTest(before: Expected | undefined, run: ResponseTest['run'], message: unknown): Expected {
  checkRuns(run, 'the function of expect()')
  return { ...nothing, ...before, tests: [...(before?.tests ?? []), { run, message: checkedMessage(message) }] }
}

/** Only a function may have a message. Without a function, a second argument would have no effect. */
function secondArgument(given: unknown, second: unknown): TypeError {
  const statuses = typeof given === 'number' && typeof second === 'number'
  const write = statuses
    ? `write several statuses as a list: expect([${given}, ${second}])`
    : 'only a function takes a message'
  return new TypeError(`expect() was given ${inWords(given)} and ${inWords(second)}; ${write}`)
}

function withStatus(before: Expected | undefined, status: number): Expected {
  if (before) return { ...before, status: checkedStatuses([status]) }
  const plain = plainStatuses.get(status) ?? { ...nothing, status: checkedStatuses([status]) }
  plainStatuses.set(status, plain)
  return plain
}

function withOptions(before: Expected | undefined, given: Record<string, unknown>, timeoutMs: number): Expected {
  // Only own properties are checked, because code of the scenario may have added properties to Object.prototype.
  for (const key of Object.keys(given)) if (!(known as readonly string[]).includes(key)) throw unknownOption(key)
  const { status, under, body } = given
  const expected = { ...nothing, ...before }
  return {
    status: status === undefined ? expected.status : checkedStatuses(Array.isArray(status) ? status : [status]),
    under: under === undefined ? expected.under : checkedLimit(under, timeoutMs),
    bodies: body === undefined ? expected.bodies : [...expected.bodies, checkedBody(body)],
    tests: expected.tests,
  }
}

function unknownOption(key: string): TypeError {
  const meant = suggestedName(key, known) ?? (/status|code/i.test(key) ? 'status' : undefined)
  return new TypeError(
    `expect() has no option '${key.slice(0, 60)}'${meant ? `: write ${meant}` : ''}; it takes status, under and body`,
  )
}

function checkedStatuses(given: readonly unknown[]): number[] {
  const wrong = given.find((one) => !Number.isInteger(one) || (one as number) < 100 || (one as number) > 999)
  if (given.length > 0 && wrong === undefined && !given.includes(undefined)) return given as number[]
  const what = given.length === 0 ? 'an empty list' : inWords(wrong)
  throw new TypeError(`expect() was given the status ${what}; a status is a number such as 200`)
}

function checkedLimit(under: unknown, timeoutMs: number): Expected['under'] {
  const ms = durationMs(under as string, 'under of expect()')
  if (typeof under === 'number' && ms >= timeoutMs) {
    throw new TypeError(
      `under: ${under} is ${under} seconds, but the request's timeout is ${milliseconds(timeoutMs)}, so the expectation always holds: write '${under}ms' for milliseconds`,
    )
  }
  return { ms, text: typeof under === 'number' ? `${under} s` : String(under) }
}

function checkedBody(body: unknown): BodyRule {
  checkRuns(body, 'body of expect()')
  if (typeof body === 'string' || typeof body === 'function' || body instanceof RegExp) return body as BodyRule
  throw new TypeError(
    `body of expect() is ${inWords(body)}; it must be a string that the body contains, a RegExp or a function that receives the text`,
  )
}

function checkedMessage(message: unknown): string | undefined {
  if (message === undefined || typeof message === 'string') return message
  throw new TypeError(
    `the second argument of expect() is ${inWords(message)}; it must be a string: the message of the failure`,
  )
}
