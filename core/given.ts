import { invalidInput } from './errors.ts'

/** Values from a scenario, for messages about them. */

const longest = 60

/** A value in the form in which messages show it: texts quoted and cut, other values by their kind. Never throws. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value)
  try {
    return objectInWords(value)
  } catch {
    return 'an object that cannot be read'
  }
}

function objectInWords(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  const kind = kindOf(value)
  if (value instanceof RegExp) return String(value).slice(0, longest)
  if (kind === 'Object') return 'an object'
  return `${/^[AEIOU](?!RL)/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** The name of a value's class: `FormData`, `Date`, `Object` … */
export function kindOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag !== 'Object') return tag
  const maker = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof maker === 'string' && maker !== '' ? maker.slice(0, longest) : 'Object'
}

/** Whether a value is an object with fields, and not a list, a date or another instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && kindOf(value) === 'Object'
}

/**
 * Checks that a value is a number from 0 up.
 * @param what names the value in the message, e.g. `static weight of class Shopper`
 * @throws BurstError (104) when it is not
 */
export function numberFromZero(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw invalidInput(`${what} is ${inWords(value)}`, { hint: 'give a number from 0 up' })
}

/**
 * Checks the options of a function, at load time.
 * @param what names them in the message, e.g. `the options of arrivals()`
 * @throws BurstError (104) when they are not an object, or when the function does not know one of the names
 */
export function refuseUnknown(options: unknown, known: readonly string[], what: string): void {
  if (!isRecord(options)) {
    throw invalidInput(`${what} is ${inWords(options)}`, { hint: `write an object with ${known.join(', ')}` })
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const meant = meantName(unknown, known)
  throw invalidInput(`${what} has an unknown '${unknown}'`, {
    hint: meant === undefined ? `it knows ${known.join(', ')}` : `did you mean ${meant}?`,
  })
}

/** The known name that a misspelt name probably means: it differs in case, in separators, or in one or two letters. */
export function meantName(name: string, known: readonly string[]): string | undefined {
  const plain = plainName(name)
  const same = known.find((one) => plainName(one) === plain)
  if (same !== undefined || plain.length < 4) return same
  return known.find((one) => lettersApart(plain, plainName(one)) <= (plain.length < 7 ? 1 : 2))
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-$\s]/g, '')
}

/** The number of letters to insert, remove or change; two swapped neighbours count as one (optimal string alignment). */
function lettersApart(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, k) => k)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) row.push(cheapest(rows, row, { a, b, i, j }))
    rows.push(row)
  }
  return rows.at(-1)?.at(-1) ?? 3
}

function cheapest(
  rows: readonly number[][],
  row: readonly number[],
  { a, b, i, j }: { a: string; b: string; i: number; j: number },
): number {
  const at = (r: readonly number[] | undefined, k: number): number => r?.[k] ?? Number.POSITIVE_INFINITY
  const changed = at(rows[i - 1], j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
  const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(rows[i - 2], j - 2) + 1 : Number.POSITIVE_INFINITY
  return Math.min(at(rows[i - 1], j) + 1, at(row, j - 1) + 1, changed, swapped)
}
