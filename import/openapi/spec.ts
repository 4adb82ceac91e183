import { invalidInput } from '../../core/errors.ts'
import { type Json, at } from '../requests/bodies/json.ts'
import { todoAbout } from '../scenario/model.ts'

/** The maximum size of the code for one document. Each value counts as 1, and 100 characters of text count as 1. */
const mostCode = 400_000
const mostHops = 50

/** An OpenAPI document, and the limit for the code that burst generates from this document. */
export class Spec {
  readonly file: string
  readonly root: Json
  #left = mostCode

  constructor(file: string, root: Json) {
    this.file = file
    this.root = root
  }

  /**
   * Counts the written values. Their number is limited, because references can repeat a part of the document endlessly.
   * @throws BurstError (104) when the scenario would be too large
   */
  spend(count: number): void {
    this.#left -= count
    if (this.#left < 0)
      throw invalidInput(`the scenario of ${this.file} would be too large`, {
        at: `${this.file}:1`,
        hint: "import a part of it: --only 'a tag, an operationId or a path such as /users/*'",
      })
  }
}

/** A part of a document, and comments about what burst could not translate in this part. */
export interface Reading {
  spec: Spec
  /** The location of this part, as comments show it: `file: METHOD /path`. */
  place: string
  comments: string[]
}

export interface Followed {
  /** Undefined if the target of the reference is missing or in another file, or if the references form a cycle or a chain of more than 50. */
  value: Json
  refs: readonly string[]
}

/** Adds a TODO, unless the same TODO already exists. */
export function leave(reading: Reading, line: string, why: string): void {
  const text = todoAbout(reading.place, line.slice(0, 200), why)
  if (!reading.comments.includes(text)) reading.comments.push(text)
}

/**
 * Returns the target of a `$ref`, or the value itself. In OpenAPI 3.1, an object can have other fields beside its `$ref`. The fields that
 * `overriding` lists replace the fields of the target.
 */
export function follow(reading: Reading, raw: Json): Followed {
  const refs: string[] = []
  const beside: Json[] = []
  let value = raw
  for (let ref = at(value, '$ref'); ref !== undefined; ref = at(value, '$ref')) {
    reading.spec.spend(1)
    if (typeof ref !== 'string' || refs.includes(ref) || refs.length >= mostHops) return { value: undefined, refs }
    refs.push(ref)
    beside.unshift(value)
    value = target(reading, ref)
  }
  return { value: beside.reduce<Json>(overridden, value), refs }
}

function target(reading: Reading, ref: string): Json {
  if (!/^#(?:\/|$)/.test(ref)) {
    leave(reading, ref, 'burst follows only references within the document')
    return undefined
  }
  const path = ref
    .slice(2)
    .split('/')
    .map((key) => decoded(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = ref === '#' ? reading.spec.root : at(reading.spec.root, ...path)
  if (found === undefined) leave(reading, ref, 'the document does not contain the target of this reference')
  return found
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    // A key that is not valid percent-encoding is used without decoding.
    return key
  }
}

const overriding = ['example', 'examples', 'default', 'readOnly', 'summary', 'description', 'deprecated']

function overridden(value: Json, beside: Json): Json {
  const keys = overriding.filter((key) => at(beside, key) !== undefined)
  if (keys.length === 0 || typeof value !== 'object' || value === null || Object.keys(value).length > 100) return value
  return { ...value, ...Object.fromEntries(keys.map((key) => [key, at(beside, key)])) }
}

/** Returns the entries of an object. Returns an empty list for any other value. */
export function entriesAt(value: Json, ...path: readonly string[]): [string, Json][] {
  const found = at(value, ...path)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : []
}
