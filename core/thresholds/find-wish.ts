import { invalidInput } from '../errors.ts'
import { inWords } from '../values-in-words.ts'

/** The options of a search for the highest load. For an absent field, the default applies; `max` has no default and is required. */
export interface FindWish {
  /** `max` is the highest load, and `start` is the first load. Each is a number of users, or a number of arrivals per second. */
  max?: number
  start?: number
  /** The time for which each load is measured, in milliseconds. */
  stepMs?: number
  /** The required precision, 0–1. */
  precision?: number
  /** The thresholds that determine whether the service sustains a load. */
  until?: string[]
}

/** The maximum number of thresholds of a search. The number is limited because each threshold is judged in each step. */
export const mostUntil = 20

/**
 * Parses a percentage such as `5%`, and returns it as a fraction: 0.05.
 * @param what the name of the value in messages
 * @throws BurstError (104) when the string is not a percentage
 */
export function shareIn(text: unknown, what: string): number {
  const found = typeof text === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) : null
  if (found) return Number(found[1]) / 100
  throw invalidInput(`${what} is ${inWords(text)}`, { hint: "write it like '5%'" })
}
