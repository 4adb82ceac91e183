import { suggestedName } from './closest-name.ts'
import { invalidInput } from './errors.ts'
import { withoutUserinfo } from './hosts/userinfo.ts'

/** Functions that describe the values in a scenario, for messages. */

const longest = 60

/**
 * Describes a value for a message. Removes the user names and passwords of URLs from a string, shortens the string and quotes it. Shows a number, a
 * boolean, null, undefined, a symbol or a pattern as it is. For any other value, names its kind. Never throws.
 */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return textInWords(withoutUserinfo(value))
  if (typeof value === 'function') return functionInWords(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value)
  try {
    return objectInWords(value)
  } catch {
    return 'an object that cannot be read'
  }
}

function functionInWords(value: object): string {
  try {
    if (isClass(value)) return `class ${nameOf(value)}`
    return isGenerator(value) ? 'a generator function' : 'a function'
  } catch {
    return 'a function that cannot be read'
  }
}

function textInWords(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text)
}

function objectInWords(value: object): string {
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list of ${value.length} ${value.length === 1 ? 'item' : 'items'}`
  const kind = kindOf(value)
  if (value instanceof RegExp) return String(value).slice(0, longest)
  if (kind === 'Object') return 'an object'
  return `${/^[AEIOU](?!RL)/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** Returns the name of a value's class: `FormData`, `Date`, `Object` … */
function kindOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag !== 'Object') return tag
  const maker = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof maker === 'string' && maker !== '' ? maker.slice(0, longest) : 'Object'
}

/** Returns the name of a class. Returns `without a name` if the static member `name` of the class is empty or not a string. */
function nameOf(value: { name?: unknown }): string {
  return typeof value.name === 'string' && value.name !== '' ? value.name.slice(0, longest) : 'without a name'
}

/** Returns whether a value is a class. A class cannot be called like a function. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

/**
 * Returns the first invalid item of a list, and its position in the list, counted from 1. An empty element, as in `[, 1]`, has the value undefined.
 */
export function wrongItem(
  list: readonly unknown[],
  isRight: (item: unknown) => boolean,
): { place: number; value: unknown } | undefined {
  // Unlike `every`, `findIndex` also visits the empty elements of a list.
  const index = list.findIndex((item) => !isRight(item))
  return index === -1 ? undefined : { place: index + 1, value: list[index] }
}

/** Returns whether a function is a generator function. When a generator function is called, its body does not run. */
export function isGenerator(value: object): boolean {
  return /Generator/.test(kindOf(value))
}

/** Returns whether a value is a plain object. Returns false for a list, a date or another instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && kindOf(value) === 'Object'
}

/**
 * Checks that a value is a finite number that is not negative.
 * @param what names the value in the message, e.g. `static weight of class Shopper`
 * @throws BurstError (104) for any other value
 */
export function numberFromZero(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw invalidInput(`${what} is ${inWords(value)}`, { hint: 'give a number from 0 up' })
}

/**
 * Refuses a call with more arguments than the function has parameters, because JavaScript silently ignores the additional arguments. Accepts the
 * three arguments that `list.map(f)` passes to `f`: an item, its index and the list.
 * @param takes describes the parameters of the function, e.g. `hold() takes a duration`
 * @throws BurstError (104)
 */
export function refuseSurplus(given: ArrayLike<unknown>, most: number, takes: string): void {
  if (given.length <= most || isOfMap(given)) return
  throw invalidInput(`${takes}, but was given ${given.length} ${given.length === 1 ? 'argument' : 'arguments'}`)
}

/** Returns whether the arguments of a call may come from `list.map`. */
export function isOfMap({ length, 0: item, 1: index, 2: list }: ArrayLike<unknown>): boolean {
  return length === 3 && Array.isArray(list) && typeof index === 'number' && list[index] === item
}

/**
 * Checks the names of options.
 * @param what names the options in the message, e.g. `the last argument of arrivals()`
 * @throws BurstError (104) when the options are not an object, or when an option's name is not in `known`
 */
export function refuseUnknown(options: unknown, known: readonly string[], what: string): void {
  if (!isRecord(options)) {
    throw invalidInput(`${what} is ${inWords(options)}`, { hint: `write an object with ${known.join(', ')}` })
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const meant = suggestedName(unknown, known)
  throw invalidInput(`${what} has an unknown option '${unknown}'`, {
    hint: meant === undefined ? `the options are ${known.join(', ')}` : `did you mean ${meant}?`,
  })
}

/**
 * Returns the message of an error. Adds the message of the cause in two cases: the cause has a code, or the message of the error is `fetch failed`,
 * which does not give a reason. Other causes are omitted, because the message of the error already describes them. May throw, because `message` and
 * `cause` may be getters of the scenario.
 */
export function messageWithReason(error: Error): string {
  const { message, cause } = error
  if (!(cause instanceof Error)) return message
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (code === '' && message !== 'fetch failed') return message
  const reason = cause.message || code
  return message.includes(reason) ? message : `${message}: ${reason}`
}
