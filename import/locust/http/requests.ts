import { type Operation, graphqlArguments, operationIn } from '../../requests/bodies/graphql.ts'
import {
  type Entry,
  type Expr,
  arrow,
  call,
  id,
  member,
  method,
  num,
  object,
  str,
  template,
} from '../../scenario/code.ts'
import { Lost, pathOf, todoFor } from '../code/context.ts'
import { translate, translateOr } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import { isUser, userOf } from '../self.ts'
import { setConnection } from './connections.ts'
import { isSameRoute, namedAlike } from './names.ts'
import { routeOf } from './routes.ts'
import { uploaded } from './uploads.ts'

const verbs = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

/**
 * Translates an expression that is a client. `self.client` becomes the user's `http`. A variable or a field that holds a client is kept. Returns null
 * for any other expression.
 */
export function httpOf(py: Py, frame: Frame): Expr | null {
  if (py.t === 'name')
    return frame.scope.get(py.id)?.type.kind === 'http' ? id(frame.scope.get(py.id)?.name ?? 'http') : null
  if (py.t === 'attr' && isObject(py.of, frame)) {
    const owner = translate(py, frame)
    return owner.type.kind === 'http' || py.name === 'client' ? owner.expr : null
  }
  if (py.t !== 'attr' || py.name !== 'client' || !isUser(py.of, frame) || frame.self?.kind === 'shape') return null
  return member(userOf(py.of, frame), 'http')
}

/** Returns true if a value is an object of a class of the file. */
function isObject(py: Py, frame: Frame): boolean {
  return py.t === 'name' && frame.scope.get(py.id)?.type.cls !== undefined
}

/** Translates a call of the client to a request of burst. Returns null for any other call. */
export function requestOf(py: Call, frame: Frame): Expr | null {
  if (py.of.t !== 'attr') return null
  const isRest = ['rest', 'rest_'].includes(py.of.name) && isUser(py.of.of, frame)
  const http = isRest ? member(userOf(py.of.of, frame), 'http') : httpOf(py.of.of, frame)
  if (!http) return null
  const isOpen = isRest || py.of.name === 'request'
  if (!isOpen && !verbs.has(py.of.name)) return null
  const given = argumentsOf(py, isOpen ? ['method', 'url'] : ['url', ...ofVerb(py.of.name)])
  const url = given.get('url')
  if (!url) throw new Lost(py)
  const verb = isOpen ? openVerb(given.get('method'), frame) : str(py.of.name)
  return sent({ http, verb }, url, given, frame)
}

function ofVerb(name: string): string[] {
  if (name === 'post') return ['data', 'json']
  return name === 'get' ? ['params'] : ['data']
}

function openVerb(verb: Py | undefined, frame: Frame): Expr {
  if (!verb) return str('get')
  const { expr } = translate(verb, frame)
  return expr.k === 'str' ? str(verbs.has(expr.value.toLowerCase()) ? expr.value.toLowerCase() : expr.value) : expr
}

/** Returns the arguments of a request. The keys are the names of the arguments. The argument `path` of FastHttpUser gets the name `url`. */
function argumentsOf(py: Call, order: readonly string[]): Map<string, Py> {
  const given = new Map<string, Py>()
  for (const [index, arg] of py.args.entries()) given.set(order[index] ?? `argument ${index + 1}`, arg)
  for (const { name, value } of py.named) given.set(name === 'path' ? 'url' : (name ?? '**'), value)
  return given
}

interface Target {
  http: Expr
  verb: Expr
}

function sent({ http, verb }: Target, url: Py, given: Map<string, Py>, frame: Frame): Expr {
  const wanted = given.get('name')
  const found = routeOf(url, frame)
  const { route, params, query, queryText, name } = wanted?.t === 'str' ? namedAlike(found, wanted.value) : found
  const rest = restOf(given, frame)
  const options: Entry[] = params.length > 0 ? [{ key: 'params', value: object(params) }] : []
  const more = given.get('params')
  const ofQuery = more ? written(more, frame) : null
  if (queryText) options.push({ key: 'query', value: textQuery(queryText, ofQuery) })
  else if (ofQuery || query.length > 0) options.push({ key: 'query', value: queryValue(query, ofQuery) })
  options.push(...bodyOf(given, frame))
  for (const [key, value] of given) options.push(...otherOption(key, value, frame))
  const defaults = defaultsOf(options, frame)
  if (!rest) options.push(...defaults)
  options.push(...nameOf(wanted, { route, name }, frame))
  const known = verb.k === 'str' && verbs.has(verb.value) ? verb.value : null
  const operation = known === 'post' && params.length === 0 ? operationOf(options, frame) : null
  if (operation)
    return method(http, 'graphql', ...graphqlArguments(operation, route, withoutJson(joinedHeaders(options))))
  const args = [route, ...optionsOf(options, rest, defaults)]
  return known === null ? method(http, 'request', verb, ...args) : method(http, known, ...args)
}

/** Returns all options as one object, including the options in a `**` parameter. */
function optionsOf(options: readonly Entry[], rest: Expr | null, defaults: readonly Entry[]): Expr[] {
  const own = joinedHeaders(options)
  if (!rest) return own.length > 0 ? [object(own)] : []
  const all = [...defaults, { spread: rest }, ...own]
  return all.length > 1 ? [object(all)] : [rest]
}

/** Returns those options of the class that the request itself does not set. */
function defaultsOf(options: readonly Entry[], { self }: Frame): Entry[] {
  return (self?.defaults ?? []).filter((one) => !options.some((other) => keyOf(other) === keyOf(one)))
}

function keyOf(entry: Entry): string {
  return 'key' in entry ? entry.key : ''
}

/** Returns the argument `**kwargs`, if it contains the options of requests. */
function restOf(given: Map<string, Py>, frame: Frame): Expr | null {
  const value = given.get('**')
  const known = value?.t === 'name' ? frame.scope.get(value.id) : undefined
  if (!known?.type.isRequest) return null
  given.delete('**')
  return id(known.name)
}

/**
 * Some functions of the file pass their named arguments to a request. For a call of such a function, returns the arguments as options of the request.
 */
export function passedOptions(named: Call['named'], frame: Frame): Expr {
  const given = new Map(named.map(({ name, value }) => [name ?? '**', value]))
  const rest = restOf(given, frame)
  const query = given.get('params')
  const options: Entry[] = query ? [{ key: 'query', value: translateOr(query, frame).expr }] : []
  options.push(...bodyOf(given, frame))
  for (const [key, value] of given) options.push(...otherOption(key, value, frame))
  const name = given.get('name')
  if (name && name.t !== 'none') options.push({ key: 'name', value: translateOr(name, frame).expr })
  const all = [...(rest ? [{ spread: rest }] : []), ...joinedHeaders(options)]
  return rest && all.length === 1 ? rest : object(all)
}

/** Returns the GraphQL operation in the JSON body. */
function operationOf(options: readonly Entry[], { module }: Frame): Operation | null {
  const json = options.find((entry) => 'key' in entry && entry.key === 'json')
  const known = new Map([...module.constants].map(([name, one]) => [one.name, module.values.get(name)]))
  return json && 'value' in json ? operationIn(json.value, (name) => known.get(name)) : null
}

function withoutJson(options: readonly Entry[]): Entry[] {
  return options.filter((entry) => !('key' in entry && entry.key === 'json'))
}

/** Parses a query string, and adds the parameters of `params=`. */
function textQuery(text: Expr, more: Expr | null): Expr {
  const [only] = text.k === 'template' && text.parts.length === 1 ? text.parts : []
  const plain = only !== undefined && typeof only !== 'string' ? only : text
  const query: Expr = { k: 'new', of: id('URLSearchParams'), args: [plain] }
  return more ? object([{ spread: method(id('Object'), 'fromEntries', query) }, { spread: more }]) : query
}

function queryValue(query: readonly Entry[], more: Expr | null): Expr {
  if (!more) return object(query)
  if (query.length === 0) return more
  return object([...query, ...(more.k === 'object' ? more.entries : [{ spread: more }])])
}

/** Returns the option `name`, unless the route already gives the request this name. */
function nameOf(given: Py | undefined, { route, name }: { route: Expr; name: string | null }, frame: Frame): Entry[] {
  if (!given || given.t === 'none') return name === null ? [] : [{ key: 'name', value: str(name) }]
  const { expr } = translateOr(given, frame)
  return expr.k === 'str' && isSameRoute(expr.value, route) ? [] : [{ key: 'name', value: expr }]
}

function bodyOf(given: Map<string, Py>, frame: Frame): Entry[] {
  const [json, data, files] = [given.get('json'), given.get('data'), given.get('files')]
  if (files && files.t !== 'none') return [{ key: 'multipart', value: uploaded(files, data, frame) }]
  if (json && json.t !== 'none') return [{ key: 'json', value: translateOr(json, frame).expr }]
  if (!data || data.t === 'none') return []
  const { expr, type } = translateOr(data, frame)
  const [value] =
    expr.k === 'call' && expr.of.k === 'member' && expr.of.of.k === 'id' && expr.of.of.name === 'JSON' ? expr.args : []
  if (value) return [{ key: 'json', value }]
  return [{ key: type.kind === 'dict' || type.kind === 'list' || type.kind === 'row' ? 'form' : 'body', value: expr }]
}

const ignored = new Set([
  'url',
  'method',
  'params',
  'json',
  'data',
  'files',
  'name',
  'catch_response',
  'stream',
  'context',
  'argument 3',
])

type Option = (value: Py, frame: Frame) => Entry[]

const otherOptions: Readonly<Record<string, Option>> = {
  headers: (value, frame) => (value.t === 'none' ? [] : [{ key: 'headers', value: translateOr(value, frame).expr }]),
  auth: (value, frame) => [{ key: 'auth', value: credentials(value, frame) }],
  timeout: (value, frame) => optional('timeout', value.t === 'tuple' ? (value.items.at(-1) as Py) : value, frame),
  allow_redirects: (value) => (value.t === 'bool' && !value.value ? [{ key: 'redirects', value: num(0) }] : []),
  cookies: (value, frame) => {
    if (value.t === 'none') return []
    frame.before.push(todoFor(frame, value, 'this header replaces the cookies that servers have set'))
    return [{ key: 'headers', value: object([{ key: 'cookie', value: cookieText(value, frame) }]) }]
  },
}

/** Converts a dictionary of cookies to the value of the header `cookie`. */
function cookieText(value: Py, frame: Frame): Expr {
  const entries = value.t === 'dict' ? value.entries : []
  const names = entries.flatMap(({ key }) => (key?.t === 'str' ? [key.value] : []))
  if (value.t !== 'dict' || names.length < entries.length) {
    const pair = arrow([{ name: { array: ['name', 'value'] } }], template([id('name'), '=', id('value')]))
    const all = method(method(id('Object'), 'entries', translateOr(value, frame).expr), 'map', pair)
    return method(all, 'join', str('; '))
  }
  const pairs = entries.flatMap(({ value: own }, index): (string | Expr)[] => [
    `${index > 0 ? '; ' : ''}${names[index]}=`,
    translateOr(own, frame).expr,
  ])
  return template(pairs)
}

function otherOption(name: string, value: Py, frame: Frame): Entry[] {
  if (ignored.has(name)) return []
  const option = Object.hasOwn(otherOptions, name) ? otherOptions[name] : undefined
  if (option) return option(value, frame)
  if (!setConnection(name, value, frame)) frame.before.push(todoFor(frame, value, `argument ${name}`))
  return []
}

/** Translates `("user", "password")` or `HTTPBasicAuth("user", "password")`. */
function credentials(value: Py, frame: Frame): Expr {
  const isBasic = value.t === 'call' && (pathOf(frame, value.of) ?? '').endsWith('HTTPBasicAuth')
  const [user, password] = value.t === 'tuple' ? value.items : isBasic ? value.args : []
  if (!user || !password) return translate(value, frame).expr
  return object([
    { key: 'user', value: translateOr(user, frame).expr },
    { key: 'password', value: translateOr(password, frame).expr },
  ])
}

/** Merges several `headers` options into one, and removes the content types that burst itself sets. */
function joinedHeaders(options: readonly Entry[]): Entry[] {
  const isHeaders = (entry: Entry): boolean => 'key' in entry && entry.key === 'headers'
  const headers = options.flatMap((entry) => ('key' in entry && isHeaders(entry) ? [entry.value] : []))
  const hasJson = options.some((entry) => 'key' in entry && entry.key === 'json')
  const entries = headers.flatMap((one) => (one.k === 'object' ? one.entries : [{ spread: one }]))
  const kept = hasJson ? entries.filter((entry) => !isJsonType(entry)) : entries
  const [only] = headers
  const value = headers.length === 1 && only && only.k !== 'object' ? only : object(kept)
  const at = options.findIndex(isHeaders)
  const others = options.filter((entry) => !isHeaders(entry))
  if (at === -1 || (value.k === 'object' && kept.length === 0)) return others
  return [...others.slice(0, at), { key: 'headers', value }, ...others.slice(at)]
}

function isJsonType(entry: Entry): boolean {
  return (
    'key' in entry &&
    entry.key.toLowerCase() === 'content-type' &&
    entry.value.k === 'str' &&
    entry.value.value.startsWith('application/json')
  )
}

/** Returns the value `Basic …` of the `authorization` header. */
export function authorization(user: Expr, password: Expr): Expr {
  return template(['Basic ', call(id('btoa'), template([user, ':', password]))])
}

/** Translates an option of the request. An option whose value cannot be translated is left out. */
function optional(key: string, value: Py, frame: Frame): Entry[] {
  const expr = value.t === 'none' ? null : written(value, frame)
  return expr ? [{ key, value: expr }] : []
}

function written(value: Py, frame: Frame): Expr | null {
  const { expr, type } = translateOr(value, frame)
  return type.kind === 'lost' ? null : expr
}
