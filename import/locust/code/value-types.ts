import type { Expr } from '../../scenario/code.ts'

/** The known type of a Python value, as far as it affects the TypeScript code. */
type Kind =
  | 'str'
  | 'num'
  | 'bool'
  | 'none'
  | 'list'
  | 'set'
  | 'dict'
  | 'any'
  | 'response'
  | 'headers'
  /** The cookies that a response sets. The expression of the value is the response. */
  | 'cookies'
  | 'elapsed'
  | 'user'
  | 'http'
  | 'date'
  | 'span'
  | 'match'
  | 'cycle'
  /** If `isAsync` is true, the values of the generator are awaited. */
  | 'generator'
  | 'row'
  | 'values'
  | 'function'
  | 'environment'
  | 'file'
  | 'options'
  | 'error'
  | 'enum'
  | 'void'
  | 'queue'
  /** An object of a class of the file. */
  | 'object'
  /** A list of promises. */
  | 'pool'
  /** A promise. */
  | 'greenlet'
  /** The TypeScript variable holds the body (parsed, or as text), although the Python variable holds the response. */
  | 'parsed'
  | 'read'
  /** The TypeScript variable holds the page, although the Python variable holds the response. */
  | 'html'
  /** A page, an element of a page, or an element or null. */
  | 'page'
  | 'element'
  | 'found'
  /** A placeholder for a value that could not be translated. */
  | 'lost'

export interface Type {
  kind: Kind
  /** The type of the items of a list or set, of the values of a dictionary or a generator, or of the result of a function. */
  of?: Type
  /** The default that a dictionary returns for a missing key. */
  standard?: Expr
  /** The maximum number of items of a list. */
  most?: Expr
  /** `true` if a dictionary contains the options of a request. */
  isRequest?: boolean
  /** The class of an object, by its names in Python and in TypeScript. */
  cls?: { python: string; name: string }
  /** `true` if a function returns a promise, or if the values of a generator are awaited. */
  isAsync?: boolean
  /** `true` if the value is a date without a time. */
  isDay?: boolean
  /** The time zone of a date whose text in Python does not contain a time zone. Undefined for a date whose text contains the time zone UTC. */
  zone?: 'local' | 'utc'
  /** The type of each item of a tuple. */
  items?: readonly Type[]
  /** The columns of a row, if code reads the values of the row by index. */
  columns?: readonly string[]
}

export const any: Type = { kind: 'any' }
export const text: Type = { kind: 'str' }
export const number: Type = { kind: 'num' }
export const boolean: Type = { kind: 'bool' }
export const none: Type = { kind: 'none' }
export const listOf = (of: Type): Type => ({ kind: 'list', of })

/** Returns the name that burst uses for a Python option of a request. */
export function optionKey(key: string): string {
  return ({ params: 'query', data: 'form', files: 'multipart' } as Record<string, string>)[key] ?? key
}

/** Returns the common type of two values, or `any`. */
export function unified(a: Type | undefined, b: Type): Type {
  if (!a || a.kind === 'lost') return b
  if (b.kind === 'lost') return a
  if (a.kind !== b.kind || a.cls?.python !== b.cls?.python) return any
  if (a.cls) return a
  const { items } = a
  if (items && items.length === b.items?.length)
    return { ...a, items: items.map((one, index) => unified(one, b.items?.[index] ?? any)) }
  const isAsync = a.isAsync !== undefined && a.isAsync === b.isAsync ? { isAsync: a.isAsync } : {}
  return { kind: a.kind, ...isAsync, ...(a.of && b.of && { of: unified(a.of, b.of) }) }
}

const names: Partial<Record<Kind, string>> = {
  str: 'string',
  num: 'number',
  bool: 'boolean',
  response: 'Response',
  user: 'HttpUser',
  http: 'Http',
  date: 'Date',
  span: 'number',
  lost: 'string',
}

/** Returns a type as it is written in TypeScript. */
export function typeText(type: Type | undefined): string {
  if (!type) return 'any'
  const { kind, of, items, cls } = type
  if (cls) return cls.name
  if (items && items.length > 0) return `[${items.map(typeText).join(', ')}]`
  if (kind === 'list') return `${typeText(of)}[]`
  if (kind === 'set') return `Set<${typeText(of)}>`
  if (kind === 'dict') return `Record<string, ${typeText(of)}>`
  if (kind === 'queue' || kind === 'pool') return 'any[]'
  if (kind === 'row') return 'Record<string, string>'
  return names[kind] ?? 'any'
}
