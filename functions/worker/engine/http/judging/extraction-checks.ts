import { marks, shared } from '../../../../../core/authoring/runtime.ts'
import { inWords } from '../../../../../core/values-in-words.ts'

/** Checks the arguments of `.json(…)`, `.data(…)`, `.html()`, `.header(…)` and `.match(…)` when the scenario calls these methods. */

/**
 * Checks the argument of `.json(…)` or `.data(…)`.
 * @param method the name of the method, for the message
 * @throws TypeError when the argument is neither a schema nor undefined
 */
export function checkSchema(schema: unknown, method = 'json'): void {
  if (
    schema === undefined ||
    typeof (schema as Record<string, { validate?: unknown }> | null)?.['~standard']?.validate === 'function'
  )
    return
  throw new TypeError(
    `${method}() was given ${inWords(schema)}; it takes a schema of zod, valibot or arktype (Standard Schema), or nothing`,
  )
}

/**
 * Checks the call of `.html()`.
 * @throws TypeError when the bundle of the scenario has no parser for HTML
 */
export function checkParser(): void {
  if (shared[marks.html]) return
  throw new TypeError("html() has no parser: burst adds the parser only to scenarios whose sources contain '.html('")
}

/**
 * Checks the argument of `.header(…)`.
 * @throws TypeError when the argument is not the name of a header
 */
export function checkHeader(name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new TypeError(`header() was given ${inWords(name)}; it takes the name of a header`)
}

/**
 * Checks the argument of `.match(…)`.
 * @throws TypeError when the argument is not a regular expression
 */
export function checkPattern(pattern: unknown): void {
  if (pattern instanceof RegExp) return
  throw new TypeError(`match() was given ${inWords(pattern)}; it takes a RegExp such as /id=(\\d+)/`)
}
