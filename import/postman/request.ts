import { type Folder, besidePath } from '../requests/beside.ts'
import { bodyOf, jsonExpr } from '../requests/bodies/body.ts'
import { ownHeaders } from '../requests/headers.ts'
import { at, listAt, textAt } from '../requests/bodies/json.ts'
import { fileCall } from '../requests/bodies/multipart.ts'
import { type Body, type ImportedRequest, type Pair, type Part, plainText, textExpr } from '../requests/request.ts'
import { isSecretHeader, variable } from '../requests/secrets.ts'
import { type Expr, object, str } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Item } from './item.ts'
import { type Level, withLevels } from './scripts/levels.ts'
import { requestScript } from './scripts/script.ts'
import { urlOf } from './url.ts'
import { type Variables, textWith } from './variables.ts'

interface Writing {
  item: Item
  variables: Variables
  place: Folder
  comments: string[]
  headers: Pair[]
  query: Pair[]
  auth?: Expr
}

export interface RequestPlace {
  place: Folder
  /** The scripts of folders and of the collection. */
  levels: ReadonlyMap<string, Level>
}

/** Translates a request of a collection, and inserts the variables. Parts without a counterpart become comments. */
export function requestOf(item: Item, variables: Variables, { place, levels }: RequestPlace): ImportedRequest {
  const writing: Writing = {
    item,
    variables,
    place,
    comments: [...item.scripts.todos],
    headers: headersOf(item, variables),
    query: [],
  }
  writing.headers = writing.headers.map((header) => withoutSecret(writing, header))
  applyAuth(writing)
  const sent = sentBody(writing)
  const url = textWith(urlOf(item.request), variables)
  if (url.length === 0) writing.comments.push(todoAbout(item.place, 'url', 'this request has no URL'))
  return {
    method: methodOf(item.request),
    url,
    query: writing.query,
    headers: ownHeaders(sent.headers, url),
    body: sent.body,
    auth: writing.auth,
    ...(at(item.behavior, 'followRedirects') === false && { redirects: 0 }),
    comments: writing.comments,
    expect: [],
    extractions: [],
    script: (own) =>
      withLevels(
        requestScript(item.scripts, { variables, name: item.name, method: methodOf(item.request) }, own),
        item.levels.flatMap((level) => levels.get(level) ?? []),
      ),
  }
}

function methodOf(request: unknown): string {
  const method = textAt(request, 'method')
  return /^[A-Za-z][A-Za-z-]{0,29}$/.test(method) ? method.toUpperCase() : 'GET'
}

/** Returns the headers of a request. In version 2.0, the headers can be a single string with one header in each line. */
function headerList(request: unknown): unknown[] {
  const lines = textAt(request, 'header').split(/\r?\n/)
  const pairs = lines.map((line) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line))
  const inText = pairs.flatMap((pair) => (pair ? [{ key: pair[1], value: pair[2] }] : []))
  return [...listAt(request, 'header'), ...inText]
}

function headersOf({ request }: Item, variables: Variables): Pair[] {
  return headerList(request)
    .filter((header) => at(header, 'disabled') !== true)
    .map((header) => ({ name: textAt(header, 'key'), value: textWith(textAt(header, 'value'), variables) }))
    .filter(({ name }) => !/^postman-token$/i.test(name))
}

function withoutSecret(writing: Writing, { name, value }: Pair): Pair {
  const text = plainText(value)
  if (text === null || text === '' || !isSecretHeader(name)) return { name, value }
  const scheme = /^(?:Basic|Bearer|Token)\s+(?=\S)/i.exec(text)?.[0] ?? ''
  const { expr, about } = secret(writing, name)
  return { name, value: [scheme, expr], comment: about }
}

function secretText(writing: Writing, name: string): Expr {
  const { expr, about } = secret(writing, name)
  writing.comments.push(about)
  return expr
}

function secret({ item }: Writing, name: string): { expr: Expr; about: string } {
  const key = name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')
  return { expr: variable(key), about: todoAbout(item.place, name, `set the secret with --var ${key}=…`) }
}

/** Returns one value of `auth`, which is a list of keys and values in v2.1, and an object in v2.0. */
function authValue(auth: unknown, type: string, key: string): string {
  const listed = listAt(auth, type).find((one) => textAt(one, 'key') === key)
  return listed === undefined ? textAt(auth, type, key) : textAt(listed, 'value')
}

/** Returns the header of an API key. */
function keyHeader(writing: Writing, name: string): Pair {
  const value = textWith(authValue(writing.item.auth, 'apikey', 'value'), writing.variables)
  const text = plainText(value)
  if (text === null || text === '') return { name, value }
  const { expr, about } = secret(writing, 'value')
  return { name, value: [expr], comment: about }
}

function applyAuth(writing: Writing): void {
  const { auth, place } = writing.item
  const type = textAt(auth, 'type')
  if (type === '' || type === 'noauth') return
  const value = (key: string, isSecret: boolean): Expr => {
    const text = textWith(authValue(auth, type, key), writing.variables)
    return isSecret && plainText(text) !== null && plainText(text) !== '' ? secretText(writing, key) : textExpr(text)
  }
  const isHeader = type === 'oauth2' && authValue(auth, type, 'addTokenTo') !== 'queryParams'
  const token =
    type === 'bearer' ? 'token' : isHeader && authValue(auth, type, 'accessToken') !== '' ? 'accessToken' : ''
  if (token !== '') writing.auth = object([{ key: 'bearer', value: value(token, true) }])
  else if (type === 'basic')
    writing.auth = object([
      { key: 'user', value: value('username', false) },
      { key: 'password', value: value('password', true) },
    ])
  else if (type === 'apikey') {
    const name = authValue(auth, type, 'key') || 'X-Api-Key'
    if (authValue(auth, type, 'in') === 'query') writing.query.push({ name, value: [value('value', true)] })
    else writing.headers.push(keyHeader(writing, name))
  } else writing.comments.push(todoAbout(place, `auth ${type}`, 'only bearer, basic and apikey are translated'))
}

function sentBody(writing: Writing): { body: Body | null; headers: readonly Pair[] } {
  const { item, variables, headers } = writing
  const body = at(item.request, 'body')
  const mode = textAt(body, 'mode')
  const isOff = at(body, 'disabled') === true || body === null || body === undefined
  if (isOff || (mode === 'raw' && textAt(body, 'raw') === '')) return { body: null, headers }
  const without = headers.filter(({ name }) => !/^content-type$/i.test(name))
  if (mode === 'raw') return rawBody(body, writing)
  if (mode === 'urlencoded')
    return { body: { kind: 'form', pairs: pairsOf(listAt(body, 'urlencoded'), variables) }, headers: without }
  if (mode === 'formdata')
    return {
      body: { kind: 'parts', parts: listAt(body, 'formdata').flatMap((part) => partOf(part, writing)) },
      headers: without,
    }
  if (mode === 'graphql') return { body: { kind: 'json', value: graphqlOf(body, writing) }, headers: without }
  if (mode === 'file') return fileBody(textAt(body, 'file', 'src'), writing)
  if (mode !== '') writing.comments.push(todoAbout(item.place, `body ${mode}`))
  return { body: null, headers }
}

/** Returns a file as the body. */
function fileBody(
  path: string,
  { item, place, comments, headers }: Writing,
): { body: Body | null; headers: readonly Pair[] } {
  const found = besidePath(path, place)
  if (found !== null) return { body: { kind: 'body', value: fileCall(found) }, headers }
  comments.push(
    todoAbout(item.place, `body ${path}`, 'the file is not beside the collection; send it with body: file(…)'),
  )
  return { body: null, headers }
}

function rawBody(body: unknown, { variables, headers }: Writing): { body: Body; headers: readonly Pair[] } {
  const text = textWith(textAt(body, 'raw'), variables)
  const types: Record<string, string> = {
    json: 'application/json',
    xml: 'application/xml',
    html: 'text/html',
    javascript: 'application/javascript',
  }
  const language = textAt(body, 'options', 'raw', 'language')
  const hasType = headers.some(({ name }) => /^content-type$/i.test(name))
  const type = Object.hasOwn(types, language) ? types[language] : undefined
  return bodyOf(text, hasType || type === undefined ? headers : [...headers, { name: 'content-type', value: [type] }])
}

function pairsOf(list: readonly unknown[], variables: Variables): Pair[] {
  return list
    .filter((pair) => at(pair, 'disabled') !== true)
    .map((pair) => ({ name: textAt(pair, 'key'), value: textWith(textAt(pair, 'value'), variables) }))
}

function partOf(part: unknown, { item, variables, comments, place }: Writing): Part[] {
  if (at(part, 'disabled') === true) return []
  const name = textAt(part, 'key')
  const type = textAt(part, 'contentType') || undefined
  if (textAt(part, 'type') !== 'file') return [{ name, value: textWith(textAt(part, 'value'), variables), type }]
  const listed = listAt(part, 'src').filter((path) => typeof path === 'string')
  return (listed.length > 0 ? listed : [textAt(part, 'src')]).map((path) => {
    const found = besidePath(path, place)
    const file = { name: path.split(/[/\\]/).at(-1) || 'file', type }
    if (found !== null) return { name, value: [], file: { ...file, path: found } }
    comments.push(
      todoAbout(
        item.place,
        path === '' ? name : path,
        'the file is not beside the collection; the string TODO replaces its content',
      ),
    )
    return { name, value: ['TODO'], file }
  })
}

function graphqlOf(body: unknown, { variables }: Writing): Expr {
  const query = textExpr(textWith(textAt(body, 'graphql', 'query'), variables))
  const given = textAt(body, 'graphql', 'variables').trim()
  const values = given === '' ? null : (jsonExpr(textWith(given, variables)) ?? str(given))
  const name = textAt(body, 'graphql', 'operationName')
  return object([
    { key: 'query', value: query },
    ...(values ? [{ key: 'variables', value: values }] : []),
    ...(name === '' ? [] : [{ key: 'operationName', value: str(name) }]),
  ])
}
