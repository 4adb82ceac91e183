import { type Json, at, textAt } from '../requests/bodies/json.ts'
import { textOfPattern } from './pattern.ts'

const mostCharacters = 1000

/** An example string for each format of OpenAPI and JSON Schema. */
const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-15T09:30:00Z',
  date: '2026-01-15',
  time: '09:30:00Z',
  duration: 'PT1H',
  email: 'user@example.com',
  'idn-email': 'user@example.com',
  hostname: 'www.example.com',
  'idn-hostname': 'www.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://www.example.com/',
  url: 'https://www.example.com/',
  iri: 'https://www.example.com/',
  'uri-reference': '/path',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  guid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  byte: 'dGV4dA==',
  binary: 'TODO',
  phone: '+12025550123',
  'json-pointer': '/0',
  regex: '.*',
}

/** The example strings for schemas without a format. Each regular expression matches the names of the properties that get the string. */
const names: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/i, 'user@example.com'],
  [/uuid|guid/i, '3fa85f64-5717-4562-b3fc-2c963f66afa6'],
  [/phone|mobile/i, '+12025550123'],
  [/ur[li]$/i, 'https://www.example.com/'],
  [/country(?:code)?$/i, 'DE'],
  [/currency(?:code)?$/i, 'EUR'],
  [/(?:post(?:al)?|zip)_?-?code$/i, '10115'],
]

/**
 * Returns the example for the format of the schema, if `formats` contains the format. Otherwise returns a string that matches the pattern and has an
 * allowed length. If there is no pattern, or the code finds no such string, derives a string from the name, and fills or cuts this string to the
 * length that the schema allows.
 * @param missed is called if the string may not match the pattern of the schema
 */
export function textOf(schema: Json, name: string, missed: () => void = () => undefined): string {
  const format = textAt(schema, 'format')
  if (Object.hasOwn(formats, format)) return formats[format] ?? ''
  const pattern = at(schema, 'pattern')
  const [least, most] = [lengthAt(schema, 'minLength', 0), lengthAt(schema, 'maxLength', mostCharacters)]
  const matching = typeof pattern === 'string' ? textOfPattern(pattern, { least, most }) : null
  if (matching !== null) return matching
  if (typeof pattern === 'string') missed()
  const known = names.find(([words]) => words.test(name.slice(0, 100)))
  return ofLength(known?.[1] ?? wordsOf(name), least, most)
}

/** Converts `photoUrls` to `photo urls`. */
export function wordsOf(name: string): string {
  const words = name
    .slice(0, 60)
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim() || 'text'
}

function ofLength(text: string, least: number, most: number): string {
  const filled = text.length >= least ? text : text + 'x'.repeat(least - text.length)
  return filled.slice(0, Math.max(least, most))
}

function lengthAt(schema: Json, key: string, otherwise: number): number {
  const value = at(schema, key)
  return typeof value === 'number' && value >= 0 ? Math.min(Math.trunc(value), mostCharacters) : otherwise
}

/**
 * Returns the number nearest to 1 that is within the limits of the schema. If the schema has a step (`multipleOf`), returns a multiple of the step.
 * An integer without a step has the step 1. `exclusiveMinimum` is a flag in OpenAPI 3.0 and a number in 3.1.
 */
export function numberOf(schema: Json, type: 'integer' | 'number'): number {
  const unit = type === 'integer' ? 1 : 0.1
  const none = Number.POSITIVE_INFINITY
  const least = bound(schema, { inclusive: 'minimum', exclusive: 'exclusiveMinimum', unit }) ?? -none
  const most = bound(schema, { inclusive: 'maximum', exclusive: 'exclusiveMaximum', unit: -unit }) ?? none
  const wanted = least > most ? middleOf(schema, most) : Math.min(Math.max(1, least), most)
  const given = at(schema, 'multipleOf')
  const step = typeof given === 'number' && given > 0 ? given : type === 'integer' ? 1 : 0
  if (step === 0) return rounded(wanted)
  const multiple = Math.ceil(wanted / step) * step
  return rounded(multiple > most ? Math.floor(most / step) * step : multiple)
}

interface Bound {
  inclusive: string
  exclusive: string
  unit: number
}

/**
 * Returns the stricter of the inclusive limit and the exclusive limit. `unit` is added to the exclusive limit, because the exclusive limit itself is
 * not an allowed value. Returns undefined if the schema has neither limit.
 */
function bound(schema: Json, { inclusive, exclusive, unit }: Bound): number | undefined {
  const limit = at(schema, inclusive)
  const strict = at(schema, exclusive)
  const limits = [strict === true && typeof limit === 'number' ? limit + unit : limit]
  if (typeof strict === 'number') limits.push(strict + unit)
  const found = limits.filter((one) => typeof one === 'number' && Number.isFinite(one)) as number[]
  if (found.length === 0) return undefined
  return inclusive === 'minimum' ? Math.max(...found) : Math.min(...found)
}

/**
 * Returns the middle of the range that the schema allows. `numberOf` uses the middle if the range is too narrow for `unit`, such as the range between
 * the exclusive limits 0 and 0.1. Returns `otherwise` if the schema has only one limit.
 */
function middleOf(schema: Json, otherwise: number): number {
  const low = bound(schema, { inclusive: 'minimum', exclusive: 'exclusiveMinimum', unit: 0 })
  const high = bound(schema, { inclusive: 'maximum', exclusive: 'exclusiveMaximum', unit: 0 })
  return low === undefined || high === undefined ? otherwise : (low + high) / 2
}

function rounded(value: number): number {
  const found = Number(value.toPrecision(12))
  return Number.isFinite(found) ? found : 1
}
