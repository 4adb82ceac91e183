import { invalidInput } from '../../core/errors.ts'
import { grouped } from '../../core/words.ts'

/** Matches digits (possibly in groups of three or separated by underscores), then optional decimals, then an optional `k` or exponent. */
const number = /^(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*|(?=\.\d))(?:\.\d+)?(?:k|e\d{1,2})?$/i

/**
 * Parses a number in a flag: `50000`, `50_000`, `50,000`, `50k`, `5e4` or `0.5`. Ignores blanks before and after the number,
 * because commands such as `wc -l` print such blanks. Returns NaN for anything else, for example for a sign or for `0x10`.
 */
export function numberIn(text: string): number {
  const trimmed = text.trim()
  if (!number.test(trimmed)) return Number.NaN
  return Number(trimmed.replaceAll(/[_,]/g, '').replace(/k$/i, 'e3'))
}

/**
 * Parses a whole number in a flag. Returns NaN for anything else. Also returns NaN for a number that ends in decimals, such as `5.0` or `1.000`. The
 * reason is that `1.000` means 1000 in some countries and 1 in others.
 */
export function wholeIn(text: string): number {
  const value = /\.\d+\s*$/.test(text) ? Number.NaN : numberIn(text)
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/** Parses a whole number in a flag. @throws BurstError (104) when the value is not a whole number from `least` to `most`, both included */
export function whole(text: string | undefined, flag: string, most: number, least = 1): number | undefined {
  if (text === undefined) return undefined
  const value = wholeIn(text)
  if (value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${grouped(most)}`
  throw invalidInput(`${flag} is ${shown(text)}`, { hint: `give a whole number${range}` })
}

/** Quotes the value of a flag for a message, as the user wrote it. Shortens a long value. */
export function shown(text: string): string {
  return /^[-+\w.:/]{1,40}$/.test(text) ? text : JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
