import { type Entry, type Expr, type Stmt, object, str, template } from '../scenario/code.ts'
import type { Names } from '../scenario/names.ts'

/** A string that can contain expressions: its constant parts and its expressions, in order. */
export type Text = readonly (string | Expr)[]

/** A header, a field of a form, or a parameter of a query. */
export interface Pair {
  name: string
  value: Text
  /** A comment about the value. The comment is written beside the pair. */
  comment?: string
}

/** A part of a multipart body: a field or a file. */
export interface Part extends Pair {
  /** The `content-type` of a field that is not a file. */
  type?: string | undefined
  /** If `path` is set, the content of the part is the file at this path, relative to the scenario. Otherwise, the content is `value`. */
  file?: { name: string; type?: string | undefined; path?: string | undefined }
}

export type Body =
  | { kind: 'json'; value: Expr }
  | { kind: 'form'; pairs: readonly Pair[] }
  | { kind: 'body'; value: Expr }
  | { kind: 'parts'; parts: readonly Part[] }

/**
 * The place of a value in a response. Later requests need the value. If the response does not contain the value, the scenario uses `otherwise`,
 * unless `otherwise` is empty.
 */
export type Found =
  /** `null` in the path stands for each item of a list. */
  | { json: readonly (string | number | null)[]; otherwise?: string }
  | { header: string }
  | { match: string; otherwise?: string }
  | FoundElement

/** A place in a page: the text or an attribute of an element. */
export interface FoundElement {
  css: string
  attribute: string
  otherwise: string
  /** The number of earlier elements that the selector also matches. Default: 0. */
  index?: number
  /**
   * A regular expression that finds the value in the text of the page. The scenario uses this expression if it reads no other value from the
   * response.
   */
  pattern?: string
}

export interface Extraction {
  /** The variable or member to which the value is assigned. */
  to: Expr
  found: Found
  /**
   * If the place has several values: `all` selects all values, `random` selects a random value, and a number selects the value with this index.
   * Default: the first value.
   */
  which?: 'all' | 'random' | number
}

/** The context in which the statements of a request are written: the host of the scenario, and the names in the surrounding method. */
export interface Place {
  /** The origin of the scenario's host. Routes do not contain this origin. */
  host: string
  /**
   * The key that `hostKey` returns for the most common host. A host that contains variables also has a key, although the host is unknown before the
   * run.
   */
  base?: string | undefined
  /** The names that the surrounding method already uses. */
  names: Names
}

/** A named check of a response. */
export interface Check {
  name: Expr
  /** The function of the check, which receives the response. */
  passes: Expr
}

/** The code that runs before a request and after its response. */
export interface RequestScript {
  before: readonly Stmt[]
  /** Headers that the code adds to the request. They replace headers of the same name. */
  headers: readonly Pair[]
  /** Comments above the call, one line each. */
  comments: readonly string[]
  checks: readonly Check[]
  /** Objects that contain checks of several requests. */
  common: readonly Expr[]
  extractions: readonly Extraction[]
  /** Returns the statements that use the response. */
  after?: (response: Expr) => Stmt[]
}

/** A request as the imported file describes it, before it becomes code. */
export interface ImportedRequest {
  method: string
  /** The URL with its origin and without its query. */
  url: Text
  /** The path of the URL as a route, if the imported file has routes. Otherwise the path of `url` becomes the route. */
  route?: { route: string; params: readonly Entry[] }
  query: readonly Pair[]
  headers: readonly Pair[]
  body: Body | null
  auth?: Expr | undefined
  /** The time limit of the request in seconds. */
  timeout?: number | undefined
  redirects?: number | undefined
  /** `true` if the connection closes after the response. */
  closes?: boolean | undefined
  /** Comments above the call, one line each. */
  comments: readonly string[]
  expect: readonly number[]
  /** Returns the code that runs before the request and after its response. The code depends on the host of the scenario. */
  script?: (place: Place) => RequestScript
  /** The arguments of each additional `.expect(…)` call. */
  expectations?: readonly (readonly Expr[])[]
  extractions: readonly Extraction[]
}

/** Returns the string if the text has no expressions; otherwise null. */
export function plainText(text: Text): string | null {
  return text.every((part) => typeof part === 'string') ? text.join('') : null
}

export function textExpr(text: Text): Expr {
  const parts = text.filter((part) => part !== '')
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return only
  return parts.length === 0 ? str('') : template(parts)
}

/** Returns pairs as an object literal. A name that occurs several times has a list as its value. */
export function pairsExpr(pairs: readonly Pair[]): Expr {
  const byName = new Map<string, Expr[]>()
  for (const { name, value } of pairs) byName.set(name, [...(byName.get(name) ?? []), textExpr(value)])
  const entries = [...byName].map(([key, values]): Entry => ({
    key,
    value: values.length === 1 ? (values[0] as Expr) : { k: 'array', items: values },
  }))
  return object(entries)
}

/** Splits the text at the first separator in its constant parts. */
export function cutAt(text: Text, separator: string): [before: Text, after: Text | null] {
  for (const [index, part] of text.entries()) {
    const at = typeof part === 'string' ? part.indexOf(separator) : -1
    if (typeof part === 'string' && at >= 0)
      return [
        [...text.slice(0, index), part.slice(0, at)],
        [part.slice(at + separator.length), ...text.slice(index + 1)],
      ]
  }
  return [text, null]
}

/** Splits the text at each separator. Separators are found only in the constant parts of the text. */
export function splitAt(text: Text, separator: string): Text[] {
  const found: (string | Expr)[][] = [[]]
  for (const part of text) {
    const [first, ...rest] = typeof part === 'string' ? part.split(separator) : [part]
    if (first !== undefined && first !== '') found.at(-1)?.push(first)
    for (const one of rest) found.push(one === '' ? [] : [one])
  }
  return found
}

/** Returns the text without spaces at its beginning and end. */
export function trimmed(text: Text): Text {
  const parts = text.filter((part) => part !== '')
  return parts.map((part, index) => {
    if (typeof part !== 'string') return part
    const begun = index === 0 ? part.trimStart() : part
    return index === parts.length - 1 ? begun.trimEnd() : begun
  })
}

/** Returns the constant beginning of the text, and the rest. */
export function leadingText(text: Text): { plain: string; rest: Text } {
  const end = text.findIndex((part) => typeof part !== 'string')
  const constants = (end === -1 ? text : text.slice(0, end)).filter((part) => typeof part === 'string')
  return { plain: constants.join(''), rest: end === -1 ? [] : text.slice(end) }
}
