import { type Json, at, listAt, textAt } from '../requests/bodies/json.ts'
import type { Pair } from '../requests/request.ts'
import { type Entry, type Expr, array, literal, member, method, num, self, str, template } from '../scenario/code.ts'
import { givenExample } from './given.ts'
import type { Operation } from './operations.ts'
import { sampleOf } from './sample.ts'
import { wordsOf } from './scalars.ts'
import { type Reading, entriesAt, follow, leave } from './spec.ts'

const mostParameters = 200

/** The parameters of an operation, grouped by the part of the request that contains them. */
export interface Parameters {
  /** The values of the path parameters, each with the prefix of its style. The keys are the names of the parameters. */
  path: ReadonlyMap<string, { prefix: string; value: Expr }>
  query: readonly Pair[]
  headers: readonly Pair[]
}

/**
 * Returns the required parameters, and optional parameters for which the document has an example or a default. Leaves out optional parameters that
 * are deprecated.
 */
export function parametersOf({ item, operation, reading }: Operation): Parameters {
  const path = new Map<string, { prefix: string; value: Expr }>()
  const query: Pair[] = []
  const headers: Pair[] = []
  const cookies: string[] = []
  for (const parameter of listed(reading, [...listAt(item, 'parameters'), ...listAt(operation, 'parameters')])) {
    const name = textAt(parameter, 'name')
    const place = textAt(parameter, 'in')
    if (place !== 'path' && !isSent(reading, parameter)) continue
    if (place === 'path') path.set(name, inPath(reading, parameter))
    else if (place === 'query') query.push(...inQuery(reading, parameter))
    else if (place === 'querystring') query.push(...wholeQuery(reading, parameter))
    else if (place === 'header') headers.push(...inHeader(reading, parameter))
    else if (place === 'cookie') cookies.push(`${name}=${encodeURIComponent(joined(valueOf(reading, parameter)))}`)
  }
  if (cookies.length > 0) headers.push({ name: 'cookie', value: [cookies.join('; ')] })
  return { path, query, headers }
}

/** Returns a header parameter. Leaves out three headers that OpenAPI does not allow as parameters. */
function inHeader(reading: Reading, parameter: Json): Pair[] {
  const name = textAt(parameter, 'name')
  if (/^(?:accept|content-type|authorization)$/i.test(name)) return []
  return [{ name, value: [joined(valueOf(reading, parameter))] }]
}

/** Returns the parameters of the path and of the operation. A parameter of the operation replaces a parameter of the path. */
function listed(reading: Reading, raw: readonly Json[]): Json[] {
  const found = new Map<string, Json>()
  for (const one of raw.slice(0, mostParameters)) {
    reading.spec.spend(1)
    const { value } = follow(reading, one)
    const name = textAt(value, 'name')
    if (name !== '' && name.length <= 200) found.set(`${textAt(value, 'in')} ${name}`, value)
  }
  if (raw.length > mostParameters) leave(reading, 'parameters', `only the first ${mostParameters} are used`)
  return [...found.values()]
}

function isSent(reading: Reading, parameter: Json): boolean {
  if (at(parameter, 'required') === true) return true
  if (at(parameter, 'deprecated') === true) return false
  const { value: schema } = follow(reading, schemaOf(parameter))
  // A parameter whose default is null is absent by default.
  const hasExample = ['example', 'examples', 'default'].some((key) => (at(schema, key) ?? undefined) !== undefined)
  return hasExample || ['example', 'examples'].some((key) => at(parameter, key) !== undefined)
}

function schemaOf(parameter: Json): Json {
  const [media] = entriesAt(parameter, 'content')
  return media ? at(media[1], 'schema') : at(parameter, 'schema')
}

function valueOf(reading: Reading, parameter: Json): Json {
  const name = textAt(parameter, 'name')
  const [media] = entriesAt(parameter, 'content')
  const given = givenExample(reading, parameter) ?? (media && givenExample(reading, media[1]))
  const value = given ?? sampleOf(reading, schemaOf(parameter), name) ?? name
  if (!media || typeof value === 'string') return value
  return JSON.stringify(value)
}

/**
 * Returns the values of an enumeration with 2 to 20 values. Returns an empty list if the schema has fewer or more values, or if the document already
 * determines a single value, for example by a default.
 */
function choices(reading: Reading, parameter: Json): Json[] {
  if (givenExample(reading, parameter) !== undefined) return []
  const { value: schema } = follow(reading, schemaOf(parameter))
  if (['example', 'examples', 'default', 'const'].some((key) => at(schema, key) !== undefined)) return []
  const values = listAt(schema, 'enum').filter((one) => typeof one === 'string' || typeof one === 'number')
  return values.length >= 2 && values.length <= 20 ? values : []
}

function picked(values: readonly Json[]): Expr {
  return method(member(self, 'random'), 'pick', array(values.map(literal)))
}

function inPath(reading: Reading, parameter: Json): { prefix: string; value: Expr } {
  const style = textAt(parameter, 'style')
  const prefix = style === 'label' ? '.' : style === 'matrix' ? `;${textAt(parameter, 'name')}=` : ''
  const values = choices(reading, parameter)
  if (values.length > 0) return { prefix, value: picked(values) }
  const value = valueOf(reading, parameter)
  if (typeof value === 'number') return { prefix, value: num(value) }
  const text = joined(value)
  // Example data that is derived from the parameter's name gets hyphens instead of spaces, because few services accept spaces in a path.
  return { prefix, value: str(text === wordsOf(textAt(parameter, 'name')) ? text.replaceAll(' ', '-') : text) }
}

/** Translates the styles `form` (several fields, or one field with commas), `spaceDelimited`, `pipeDelimited` and `deepObject`. */
function inQuery(reading: Reading, parameter: Json): Pair[] {
  const name = textAt(parameter, 'name')
  const values = choices(reading, parameter)
  if (values.length > 0) return [{ name, value: [picked(values)] }]
  const value = valueOf(reading, parameter)
  const style = textAt(parameter, 'style') || 'form'
  const isExploded = at(parameter, 'explode') ?? style === 'form'
  if (style === 'deepObject') return deep(name, value, 0)
  if (Array.isArray(value)) {
    if (isExploded === true) return value.map((one) => ({ name, value: [plain(one)] }))
    return [{ name, value: [value.map(textOf).join(separators.get(style) ?? ',')] }]
  }
  if (isExploded === true && typeof value === 'object' && value !== null)
    return entriesAt(value).map(([key, one]) => ({ name: key, value: [plain(one)] }))
  return [{ name, value: [plain(value)] }]
}

const separators: ReadonlyMap<string, string> = new Map([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
])

/** Translates a parameter that describes the whole query. OpenAPI 3.2 allows such parameters. */
function wholeQuery(reading: Reading, parameter: Json): Pair[] {
  const { value: schema } = follow(reading, schemaOf(parameter))
  const value = sampleOf(reading, schema)
  return entriesAt(value).map(([name, one]) => ({ name, value: [plain(one)] }))
}

/** Returns the fields `name[key]` of an object. */
export function deep(name: string, value: Json, level: number): Pair[] {
  const inner = Array.isArray(value)
    ? value.map((one, index): [string, Json] => [String(index), one])
    : entriesAt(value)
  if (inner.length === 0 || level > 5) return [{ name, value: [plain(value)] }]
  return inner.flatMap(([key, one]) => deep(`${name}[${key}]`, one, level + 1))
}

function plain(value: Json): string | Expr {
  return typeof value === 'number' || typeof value === 'boolean' ? literal(value) : joined(value)
}

/** Translates the style `simple`: commas separate the items of lists, and the keys and values of objects. */
function joined(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object' && value !== null)
    return entriesAt(value)
      .flatMap(([key, one]) => [key, textOf(one)])
      .join(',')
  return textOf(value)
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '')
}

/**
 * Returns a path as a route. A segment such as `{id}` or `{id}.json` becomes `:id` or `:id.json`. In three cases, the whole segment becomes one
 * parameter: the segment has several parameters, it has text before its parameter (or the style of the parameter adds a prefix), or a letter, a digit
 * or an underscore follows directly after the parameter.
 */
export function routeOf(path: string, values: Parameters['path']): { route: string; params: Entry[] } {
  const params: Entry[] = []
  const taken = new Set<string>()
  const segments = path.split('/').map((segment) => {
    const pieces = segment.split(/\{([^{}]*)\}/)
    const [before = '', name, after = ''] = pieces
    if (name === undefined) return encodedSegment(segment.replace(/^:(?=\w)/, '%3A'))
    const { prefix, value } = values.get(name) ?? { prefix: '', value: str(name) }
    const own = uniqueName(name, taken)
    const isWhole = pieces.length === 3 && before === '' && prefix === '' && !/^\w/.test(after)
    params.push({ key: own, value: isWhole ? value : textOfSegment(pieces, values) })
    return `:${own}${isWhole ? encodedSegment(after) : ''}`
  })
  return { route: segments.join('/').replace(/^\/{2,}/, '/'), params }
}

function uniqueName(name: string, taken: Set<string>): string {
  const words = name.replaceAll(/[^A-Za-z\d_]+(\w?)/g, (_, next: string) => next.toUpperCase()).slice(0, 40)
  const plainName = /^[A-Za-z_]/.test(words) && words !== '__proto__' ? words : `part${words.replaceAll('_', '')}`
  let own = plainName
  for (let count = 2; taken.has(own); count++) own = `${plainName}${count}`
  taken.add(own)
  return own
}

function textOfSegment(pieces: readonly string[], values: Parameters['path']): Expr {
  const parts = pieces.flatMap((piece, index): (string | Expr)[] => {
    if (index % 2 === 0) return piece === '' ? [] : [piece]
    const { prefix, value } = values.get(piece) ?? { prefix: '', value: str(piece) }
    const text = value.k === 'num' ? str(String(value.value)) : value
    return prefix === '' ? [text] : [prefix, text]
  })
  return template(parts)
}

/** Encodes the characters that a path cannot contain, such as `?`. */
function encodedSegment(segment: string): string {
  // oxlint-disable-next-line no-control-regex -- these cannot be sent in a path
  return segment.replaceAll(/[\u0000-\u0020?#\\{}]/g, (one) => encodeURIComponent(one))
}
