import { type Json, at, listAt } from '../requests/bodies/json.ts'
import { type Reading, entriesAt, follow } from './spec.ts'

const mostLevels = 5

/** The example value of the first item of an array, and the index of a later item. The later item needs a different value. */
interface Item {
  value: Json
  index: number
  level?: number
}

/**
 * Returns a value that differs from the example value of a schema, for an array whose items must be unique. `index` is the index of the item in the
 * array. Returns undefined if the code finds no other valid value.
 */
export function differing(reading: Reading, raw: Json, { value, index, level = 0 }: Item): Json {
  const { value: schema } = follow(reading, raw)
  const values = listAt(schema, 'enum')
  if (values.length > 0) return values.filter((one) => JSON.stringify(one) !== JSON.stringify(value))[index - 1]
  if (typeof value === 'boolean') return index === 1 ? !value : undefined
  if (typeof value === 'number') return otherNumber(schema, value, index)
  if (typeof value === 'string') return otherText(schema, value, index)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || level > mostLevels) return undefined
  const schemas = [schema, ...listAt(schema, 'allOf').map((one) => follow(reading, one).value)]
  for (const [name, property] of schemas.flatMap((one) => entriesAt(one, 'properties'))) {
    const own = at(value, name)
    const other = own === undefined ? undefined : differing(reading, property, { value: own, index, level: level + 1 })
    if (other !== undefined) return { ...value, [name]: other }
  }
  return undefined
}

function otherNumber(schema: Json, value: number, index: number): number | undefined {
  const step = numberAt(schema, 'multipleOf') ?? 1
  return [value + step * index, value - step * index].find((one) => isWithin(schema, one))
}

function isWithin(schema: Json, value: number): boolean {
  const [low, high] = [numberAt(schema, 'minimum') ?? -Infinity, numberAt(schema, 'maximum') ?? Infinity]
  // In OpenAPI 3.0, the exclusive limits are booleans.
  const isOpen = (key: string, limit: number): boolean => at(schema, key) === true && value === limit
  const isBelow = value < (numberAt(schema, 'exclusiveMaximum') ?? Infinity)
  const isAbove = value > (numberAt(schema, 'exclusiveMinimum') ?? -Infinity)
  if (isOpen('exclusiveMinimum', low) || isOpen('exclusiveMaximum', high)) return false
  return value >= low && value <= high && isBelow && isAbove
}

function numberAt(schema: Json, key: string): number | undefined {
  const value = at(schema, key)
  return typeof value === 'number' ? value : undefined
}

/**
 * Returns a different string with the same format and pattern. Returns undefined if the code does not find such a string. The first case that applies
 * determines the change:
 * - The string contains an `@`: a number is inserted before the `@`.
 * - The schema has no format and no pattern, and allows a longer string: a number is appended.
 * - The format is `date` or `date-time`: the date becomes a later day.
 * - All other strings: a single letter, digit or underscore is replaced.
 */
function otherText(schema: Json, value: string, index: number): string | undefined {
  const format = at(schema, 'format')
  const most = numberAt(schema, 'maxLength') ?? Infinity
  if (value.includes('@')) {
    const other = value.replace('@', `${index + 1}@`)
    return other.length <= most && matches(schema, other) ? other : undefined
  }
  const isFree = format === undefined && at(schema, 'pattern') === undefined
  if (isFree && value.length + String(index + 1).length <= most) return `${value}${index + 1}`
  if (format === 'date' || format === 'date-time') return laterDay(value, index)
  if (index >= 10) return undefined
  const found = withOtherCharacter(value, index, format !== undefined)
  return found !== value && matches(schema, found) ? found : undefined
}

/** Replaces the last digit of a text if `isFormat` is true and the text has a digit. Otherwise, replaces the last letter, digit or underscore. */
function withOtherCharacter(value: string, index: number, isFormat: boolean): string {
  const last = value.search(isFormat && /\d/.test(value) ? /\d\D*$/ : /\w\W*$/)
  if (last === -1) return value
  const character = value.charAt(last)
  const wanted = /\d/.test(character) ? String((Number(character) + index) % 10) : letterAfter(character, index)
  return value.slice(0, last) + wanted + value.slice(last + 1)
}

/** Returns a different letter of the alphabet. A letter from a to f, which may be a hexadecimal digit, is replaced with a letter from a to f. */
function letterAfter(letter: string, index: number): string {
  const letters = /[a-f]/.test(letter)
    ? 'abcdef'
    : /[a-z]/.test(letter)
      ? 'abcdefghijklmnopqrstuvwxyz'
      : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  return letters.charAt((letters.indexOf(letter) + index) % letters.length)
}

function laterDay(value: string, days: number): string | undefined {
  const day = Date.parse(value.slice(0, 10))
  if (Number.isNaN(day)) return undefined
  return new Date(day + days * 86_400_000).toISOString().slice(0, 10) + value.slice(10)
}

function matches(schema: Json, value: string): boolean {
  const pattern = at(schema, 'pattern')
  if (typeof pattern !== 'string') return true
  if (pattern.length > 200 || value.length > 200) return false
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    // The pattern is not valid in JavaScript, so the value cannot be checked.
    return false
  }
}
