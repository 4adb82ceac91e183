import { type Entry, type Expr, member, method, nil, object, self, str } from '../../scenario/code.ts'
import type { ImportedRequest } from '../request.ts'

/** Matches the beginning of an operation or a fragment, after comments. Does not match subscriptions, because they are not sent over HTTP. */
const operation = /^\s*(?:#[^\n]*\n\s*)*(?:\{|(?:query|mutation)\b[^{}]*\{|fragment\s+\w+\s+on\s)/
const ofGraphql = new Set(['query', 'variables', 'operationName'])

/** The parts of a JSON body that is a GraphQL operation. */
export interface Operation {
  query: Expr
  variables: Expr | null
  name: string | null
}

/** Returns true if a string begins and ends as a GraphQL document does. Checks only the beginning of a template. */
function isDocument(query: Expr): boolean {
  if (query.k === 'str') return operation.test(query.value) && query.value.trimEnd().endsWith('}')
  const [first] = query.k === 'template' ? query.parts : []
  return typeof first === 'string' && operation.test(first)
}

/**
 * Returns the operation in an object with `query` and, optionally, `variables` and `operationName`. Returns null for any other value.
 * @param valueOf returns the value of the constant with the name `name`
 */
export function operationIn(
  body: Expr,
  valueOf: (name: string) => Expr | undefined = () => undefined,
): Operation | null {
  const members = membersOf(body)
  const query = members?.get('query')
  if (!members || !query || !isDocument(query.k === 'id' ? (valueOf(query.name) ?? query) : query)) return null
  const variables = members.get('variables') ?? nil
  const name = members.get('operationName') ?? nil
  if (!isNullOr(variables, 'object') || !isNullOr(name, 'str')) return null
  const isEmpty = variables.k !== 'object' || variables.entries.length === 0
  return { query, variables: isEmpty ? null : variables, name: name.k === 'str' ? name.value : null }
}

/** Returns true if a value has the kind `kind` or is the literal `null`. */
function isNullOr(value: Expr, kind: Expr['k']): boolean {
  return value.k === kind || value.k === 'null'
}

/**
 * Returns the members of a GraphQL request. Returns null if the value is not an object, if the object contains a member twice, or if the object
 * contains anything that is not a member of a GraphQL request.
 */
function membersOf(body: Expr): ReadonlyMap<string, Expr> | null {
  if (body.k !== 'object') return null
  const members = new Map(body.entries.flatMap((entry) => ('key' in entry ? [[entry.key, entry.value] as const] : [])))
  return members.size === body.entries.length && [...members.keys()].every((key) => ofGraphql.has(key)) ? members : null
}

/** Returns true if a document might contain several operations. Requests with such a document need the name of an operation. */
function hasSeveral(query: Expr): boolean {
  return query.k !== 'str' || [...query.value.matchAll(/\b(?:query|mutation|subscription)\b\s*\w*\s*[({@]/g)].length > 1
}

/** Returns the name that the report shows for an operation: the given name, or else the name in the query, or else the name of the first field. */
export function operationName({ query, name }: Operation): string {
  const [first = ''] = query.k === 'str' ? [query.value] : query.k === 'template' ? query.parts : []
  const text = typeof first === 'string' ? first : ''
  const own = name ?? /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1]
  return own ?? `{ ${/\{\s*(\w+)/.exec(text)?.[1] ?? ''} }`
}

/** Returns the arguments of `this.http.graphql`. */
export function graphqlArguments(
  { query, variables, name }: Operation,
  url: Expr | null,
  more: readonly Entry[],
): Expr[] {
  const options: Entry[] = [
    ...(url && !(url.k === 'str' && url.value === '/graphql') ? [{ key: 'url', value: url }] : []),
    ...(name !== null && hasSeveral(query) ? [{ key: 'operationName', value: str(name) }] : []),
    ...more,
  ]
  if (options.length > 0) return [query, variables ?? object([]), object(options)]
  return variables ? [query, variables] : [query]
}

/** Returns `this.http.graphql(…)` for a POST whose JSON body is a GraphQL operation; null for any other request. */
export function graphqlCall({ method: verb, body }: ImportedRequest, url: string, more: readonly Entry[]): Expr | null {
  const found = verb === 'POST' && body?.kind === 'json' ? operationIn(body.value) : null
  return found && method(member(self, 'http'), 'graphql', ...graphqlArguments(found, str(url), more))
}
