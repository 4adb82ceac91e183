/** What is known of a value in Python, as far as it decides how it is written in TypeScript. */
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
  | 'elapsed'
  | 'user'
  | 'http'
  | 'date'
  | 'span'
  | 'match'
  | 'cycle'
  | 'row'
  | 'values'
  | 'function'
  | 'environment'
  | 'file'
  | 'options'
  | 'error'
  | 'void'
  /** The body of a response, parsed or as a text, where Python has the response. */
  | 'parsed'
  | 'read'
  /** What could not be carried over: its value is a placeholder. */
  | 'lost'

export interface Type {
  kind: Kind
  /** Of what is in a list, a set or the values of a dictionary. */
  of?: Type
  /** Of a row whose values are taken by number. */
  columns?: readonly string[]
}

export const any: Type = { kind: 'any' }
export const text: Type = { kind: 'str' }
export const number: Type = { kind: 'num' }
export const boolean: Type = { kind: 'bool' }
export const none: Type = { kind: 'none' }
export const listOf = (of: Type): Type => ({ kind: 'list', of })

/** The one type that both are, else `any`. */
export function unified(a: Type | undefined, b: Type): Type {
  if (!a || a.kind === 'lost') return b
  if (b.kind === 'lost') return a
  if (a.kind !== b.kind) return any
  return a.of && b.of ? { kind: a.kind, of: unified(a.of, b.of) } : { kind: a.kind }
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

/** As it is written in TypeScript. */
export function typeText(type: Type | undefined): string {
  if (!type) return 'any'
  const { kind, of } = type
  if (kind === 'list') return `${typeText(of)}[]`
  if (kind === 'set') return `Set<${typeText(of)}>`
  if (kind === 'dict') return `Record<string, ${typeText(of)}>`
  if (kind === 'row') return 'Record<string, string>'
  return names[kind] ?? 'any'
}
