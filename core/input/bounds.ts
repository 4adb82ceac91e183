import * as v from 'valibot'
import { mostCount } from '../extremes.ts'

/** Schemas of the values in stored documents and messages. They limit the length of each string and the size of each number. */

/**
 * The maximum number of characters for each kind of string. burst shortens messages, stacks and names of counted things before it stores or sends
 * them.
 */
export const textCaps = { key: 16_384, message: 8192, stack: 65_536, url: 8192, body: 65_536 } as const

/** A count: a whole number from 0 to `mostCount`. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(mostCount))
/** A time in epoch milliseconds, possibly with a fraction, up to the greatest value of a Date. */
export const moment = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15))
export const gauge = v.pipe(v.number(), v.finite(), v.minValue(0))
export const upTo = (most: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most))
export const text = (most: number) => v.pipe(v.string(), v.maxLength(most))
/** A key under which counts are stored, e.g. the name of a request. */
export const key = text(textCaps.key)

/** A map as rows `[key, value]`. A key that occurs twice is refused, because the second row would silently replace the counts of the first row. */
export function mapOf<K extends string | number, V>(
  keySchema: v.GenericSchema<K>,
  valueSchema: v.GenericSchema<unknown, V>,
) {
  return v.pipe(
    v.array(v.tuple([keySchema, valueSchema])),
    v.check((rows) => new Set(rows.map(([name]) => name)).size === rows.length, 'the same key twice'),
    v.transform((rows) => new Map<K, V>(rows)),
  )
}

/**
 * An object whose keys are not fixed, such as the names of variables. `v.record` would drop the keys `constructor`, `prototype` and `__proto__`. If a
 * key or its value is invalid, the path of the reported issue contains the key.
 */
export function byKey<V>(keySchema: v.GenericSchema<string>, valueSchema: v.GenericSchema<unknown, V>) {
  const row = v.tuple([keySchema, valueSchema])
  return v.pipe(
    v.custom<object>((given) => typeof given === 'object' && given !== null && !Array.isArray(given), 'not an object'),
    v.rawTransform(({ dataset: { value: input }, addIssue, NEVER }): Record<string, V> => {
      const rows: [string, V][] = []
      for (const [key, value] of Object.entries(input)) {
        const found = v.safeParse(row, [key, value], { abortEarly: true })
        if (!found.success) {
          const [{ message, path }] = found.issues
          const here = { type: 'object', origin: 'value', input: input as Record<string, unknown>, key, value } as const
          addIssue({ message, path: [here, ...(path ?? []).slice(1)] })
          return NEVER
        }
        rows.push(found.output)
      }
      return Object.fromEntries(rows)
    }),
  )
}

/** Returns the fields of a schema. Each field is a count. */
export const counts = <const K extends readonly string[]>(...names: K): { [P in K[number]]: typeof count } =>
  Object.fromEntries(names.map((name) => [name, count])) as { [P in K[number]]: typeof count }

/** The name of a run. File paths contain this name. */
export const runName = /^[\w-][\w.-]{0,127}$/
export const run = v.pipe(v.string(), v.regex(runName, 'not the name of a run'))
export const slice = upTo(1_000_000)
export const attempt = upTo(10_000)
/** The number of a message within its attempt. */
export const sequence = upTo(100_000_000)
/** The number of a window of the run, counted from 0. */
export const place = upTo(100_000_000)
/** The reason why an attempt failed. */
export const failure = v.nullable(text(textCaps.stack))
