import { type Expr, object, str } from '../scenario/code.ts'
import { isHeader, ownHeaders } from '../requests/headers.ts'
import { type ImportedRequest, type Pair, type Text, cutAt, plainText, trimmed, textExpr } from '../requests/request.ts'
import { isSecretHeader, variable } from '../requests/secrets.ts'
import type { Settings } from '../requests/settings.ts'
import { queryOf, targetOf } from '../requests/url.ts'
import { connecting } from './connecting.ts'
import { addData, dataAppliers, dataText, fileAt, sentBody } from './data.ts'
import { type GivenOption, notCarried } from './options.ts'
import { partsIn } from './parts.ts'
import { type Applier, type Command, type Reading, left, shown } from './reading.ts'

/** The requests of one curl command, one for each URL, and how it connects. */
export function requestsOf(command: Command): { requests: ImportedRequest[]; settings: Settings } {
  const reading: Reading = {
    command,
    todos: [...command.comments],
    method: null,
    urls: [],
    headers: [],
    data: [],
    content: null,
    upload: '',
    settings: {},
    query: [],
    parts: [],
    isGet: false,
  }
  for (const option of command.options) applyOption(reading, option)
  return { requests: reading.urls.map((url) => requestTo(url, reading)), settings: reading.settings }
}

function applyOption(reading: Reading, { name, value }: GivenOption<Text>): void {
  const reason = Object.hasOwn(notCarried, name) ? notCarried[name] : undefined
  if (reason !== undefined) return left(reading, `${dashed(name)} ${shown(value)}`, reason)
  const apply = Object.hasOwn(appliers, name) ? appliers[name] : connecting.get(name)
  if (apply) apply(reading, value ?? [])
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

const asJson: Pair[] = [
  { name: 'content-type', value: ['application/json'] },
  { name: 'accept', value: ['application/json'] },
]

/** What each option of curl does to a request. Options that only concern what curl prints have no entry. */
const appliers: Readonly<Record<string, Applier>> = {
  url: (reading, value) => void reading.urls.push(value),
  'url-query': (reading, value) => void reading.query.push(...queryOf(value)),
  request: (reading, value) => void (reading.method = methodOf(reading, value)),
  header: addHeader,
  ...dataAppliers,
  json: (reading, value) => {
    const given = new Set(reading.headers.map((header) => header.name.toLowerCase()))
    reading.headers.push(...asJson.filter((header) => !given.has(header.name)))
    addData(reading, value, { read: 'bytes', separator: '' })
  },
  form: (reading, value) => void reading.parts.push(...partsIn(reading, value)),
  'form-string': (reading, value) => {
    const [name, text] = cutAt(value, '=')
    reading.parts.push({ name: shown(name), value: text ?? [] })
  },
  user: (reading, value) => addLogin(reading, value),
  'oauth2-bearer': (reading, value) => {
    reading.auth = object([{ key: 'bearer', value: secretOr(reading, value, 'token') }])
  },
  cookie: (reading, value) => {
    if (plainText(value) !== null && !shown(value).includes('='))
      return left(reading, '--cookie', 'the file is not read')
    addHeader(reading, ['cookie: ', ...value])
  },
  'user-agent': (reading, value) => addHeader(reading, ['user-agent: ', ...value]),
  referer: (reading, value) => addHeader(reading, ['referer: ', ...cutAt(value, ';auto')[0]]),
  range: (reading, value) => addHeader(reading, ['range: bytes=', ...value]),
  get: (reading) => void (reading.isGet = true),
  head: (reading) => void (reading.method ??= 'HEAD'),
  'max-time': (reading, value) => {
    const seconds = Number(shown(value))
    if (seconds > 0 && seconds <= 86_400) reading.timeout = seconds
  },
  'max-redirs': (reading, value) => {
    const count = Number(shown(value))
    if (Number.isInteger(count) && count >= 0) reading.redirects = count
  },
  'upload-file': (reading, value) => {
    reading.method ??= 'PUT'
    reading.content = fileAt(reading, shown(value))
    reading.upload = shown(value).split(/[/\\]/).at(-1) ?? ''
  },
}

function methodOf(reading: Reading, value: Text): string | null {
  const text = shown(value)
  if (/^[A-Za-z][A-Za-z-]{0,29}$/.test(text)) return text.toUpperCase()
  left(reading, `--request ${text}`, 'this is not a method')
  return null
}

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function addHeader(reading: Reading, value: Text): void {
  if (shown(value).startsWith('@')) return left(reading, `--header ${shown(value)}`, 'the file is not read')
  const [name, content] = cutAt(value, ':')
  const key = shown(name).trim()
  const text = trimmed(content ?? [])
  if (content === null || textIsEmpty(text)) return
  if (/^connection$/i.test(key) && shown(text).toLowerCase() === 'close') reading.closes = true
  if (!isHeader(key, text)) return left(reading, `header ${key}`, 'this cannot be sent as a header')
  const others = reading.headers.filter((header) => header.name.toLowerCase() !== key.toLowerCase())
  if (!isSecretHeader(key) || plainText(text) === null) {
    reading.headers = [...others, { name: key, value: text }]
    return
  }
  reading.headers = [...others, { name: key, value: secretHeader(reading, key, shown(text)) }]
}

function textIsEmpty(text: Text): boolean {
  return text.every((part) => part === '')
}

/** Replaces the secret in a header by a variable of the command line. The scheme of an `Authorization` header is kept. */
function secretHeader(reading: Reading, name: string, text: string): Text {
  const scheme = /^authorization$/i.test(name)
    ? /^(?:Basic|Bearer|Token|ApiKey|Digest)\s+(?=\S)/i.exec(text)?.[0]
    : undefined
  const key =
    scheme !== undefined && !/^basic/i.test(scheme) ? 'token' : name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')
  left(reading, `header ${name}`, `give the secret with --var ${key}=…`)
  return [scheme ?? '', variable(key)]
}

function secretOr(reading: Reading, value: Text, key: string): Expr {
  if (plainText(value) === null) return textExpr(value)
  left(reading, key, `give the secret with --var ${key}=…`)
  return variable(key)
}

function addLogin(reading: Reading, value: Text): void {
  const [user, password] = cutAt(value, ':')
  reading.auth = object([
    { key: 'user', value: textExpr(user) },
    { key: 'password', value: password === null ? str('') : secretOr(reading, password, 'password') },
  ])
}

// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function requestTo(url: Text, reading: Reading): ImportedRequest {
  const { login } = targetOf(url)
  if (login !== null && login !== '' && !reading.auth) addLogin(reading, [login])
  const query = reading.isGet ? [...reading.query, ...queryOf(dataText(reading))] : reading.query
  const sent = reading.isGet ? { body: null, headers: reading.headers } : sentBody(reading)
  return {
    method: reading.method ?? (sent.body ? 'POST' : 'GET'),
    url: reading.upload === '' ? url : uploadUrl(url, reading.upload),
    query,
    headers: ownHeaders(sent.headers),
    body: sent.body,
    auth: reading.auth,
    timeout: reading.timeout,
    redirects: reading.redirects,
    closes: reading.closes,
    comments: reading.todos,
    expect: [],
    extractions: [],
  }
}

/** curl adds the name of the file to a URL that ends with a slash. */
function uploadUrl(url: Text, name: string): Text {
  const last = url.at(-1)
  return typeof last === 'string' && last.endsWith('/') ? [...url, encodeURIComponent(name.toWellFormed())] : url
}
