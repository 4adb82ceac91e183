import { type Expr, object, str } from '../scenario/code.ts'
import { isHeader, ownHeaders } from '../requests/headers.ts'
import { type ImportedRequest, type Pair, type Text, cutAt, plainText, trimmed, textExpr } from '../requests/request.ts'
import { isSecretHeader, variable } from '../requests/secrets.ts'
import type { Settings } from '../requests/settings.ts'
import { queryOf, targetOf } from '../requests/url.ts'
import { connecting } from './connecting.ts'
import { addData, dataAppliers, dataText, type Sent, encodedData, fileAt, sentBody } from './data.ts'
import { globbed } from './globs.ts'
import { isSecretOption, notCarried } from './not-carried.ts'
import { isKnown } from './option-names.ts'
import { type GivenOption, withoutSwitchedOff } from './options.ts'
import { partsIn } from './parts.ts'
import { type Applier, type Command, type Header, type Reading, left, shown } from './reading.ts'

/** Returns one request for each URL of a curl command, and the connection settings of the command. */
export function requestsOf(command: Command): { requests: ImportedRequest[]; settings: Settings } {
  const reading: Reading = {
    command,
    todos: [...command.comments],
    method: null,
    urls: [],
    headers: [],
    cookies: [],
    data: [],
    content: null,
    upload: '',
    settings: {},
    query: [],
    parts: [],
    isGet: false,
    isHead: false,
    isGlobOff: false,
    scheme: '',
    removed: new Set(),
  }
  for (const option of withoutSwitchedOff(command.options)) applyOption(reading, option)
  const urls = reading.urls.flatMap((url) => urlsOf(reading, url))
  return { requests: urls.map((url) => requestTo(url, reading)), settings: reading.settings }
}

function applyOption(reading: Reading, { name: given, value }: GivenOption<Text>): void {
  const name = given.replace(/^expand-/, '')
  const option = `${name.length === 1 ? '-' : '--'}${given}${isSecretOption.has(name) ? ' …' : ` ${shown(value)}`}`
  if (name !== given) left(reading, option, 'burst does not replace {{…}}')
  const reason = Object.hasOwn(notCarried, name) ? notCarried[name] : undefined
  if (reason !== undefined) return left(reading, option, reason)
  const apply = Object.hasOwn(appliers, name) ? appliers[name] : connecting.get(name)
  if (apply) apply(reading, value ?? [])
  else if (!isKnown(name)) left(reading, option, 'burst does not know this option')
}

function withScheme(url: Text, scheme: string): Text {
  const [first = ''] = url
  const isWithout = typeof first === 'string' && first !== '' && !/^[a-z][a-z\d+.-]*:\/\//i.test(first)
  return isWithout && scheme !== '' ? [`${scheme}://`, ...url] : url
}

/** Returns the URLs that curl makes from one URL. */
function urlsOf(reading: Reading, url: Text): Text[] {
  const whole = withScheme(url, reading.scheme)
  const found = reading.isGlobOff ? [whole] : globbed(whole)
  if (found === null) left(reading, shown(url), 'curl requests more than 20 URLs for this pattern; write a loop')
  return found ?? [whole]
}

/** The effect of each curl option on a request. Options that only affect curl's output have no entry. */
const appliers: Readonly<Record<string, Applier>> = {
  url: (reading, value) => void reading.urls.push(value),
  'url-query': (reading, value) => void reading.query.push(...queryOf(givenQuery(reading, value))),
  request: (reading, value) => void (reading.method = methodOf(reading, value)),
  header: (reading, value) => addHeader(reading, value),
  ...dataAppliers,
  json: (reading, value) => {
    for (const name of ['content-type', 'accept']) addHeader(reading, [`${name}: application/json`], true)
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
      return left(reading, '--cookie', 'burst import does not read this file')
    reading.cookies.push(value)
    const joined = reading.cookies.flatMap((one, index) => (index === 0 ? one : ['; ', ...one]))
    addHeader(reading, ['cookie: ', ...joined], true)
  },
  'user-agent': (reading, value) => addHeader(reading, ['user-agent: ', ...value], true),
  referer: (reading, value) => addHeader(reading, ['referer: ', ...cutAt(value, ';auto')[0]], true),
  range: (reading, value) => addHeader(reading, ['range: bytes=', ...value], true),
  'continue-at': (reading, value) => {
    if (/^\d+$/.test(shown(value))) addHeader(reading, ['range: bytes=', ...value, '-'], true)
    else left(reading, `--continue-at ${shown(value)}`, 'burst requests the whole content')
  },
  'time-cond': addCondition,
  get: (reading) => void (reading.isGet = true),
  globoff: (reading) => void (reading.isGlobOff = true),
  'proto-default': (reading, value) => void (reading.scheme = shown(value)),
  head: (reading) => {
    reading.isHead = true
    reading.method ??= 'HEAD'
  },
  'max-time': (reading, value) => {
    const seconds = Number(shown(value))
    if (seconds > 0 && seconds <= 86_400) reading.timeout = seconds
  },
  'max-redirs': (reading, value) => {
    const count = Number(shown(value))
    if (Number.isInteger(count) && count >= 0) reading.redirects = count
  },
  'upload-file': (reading, value) => {
    reading.content = fileAt(reading, shown(value))
    reading.upload = shown(value).split(/[/\\]/).at(-1) ?? ''
  },
}

function methodOf(reading: Reading, value: Text): string | null {
  const text = shown(value)
  if (/^[A-Za-z][A-Za-z-]{0,29}$/.test(text)) return text.toUpperCase()
  left(reading, `--request ${text}`, 'this is not an HTTP method')
  return null
}

/**
 * Adds a header. curl sends every `-H` header. If `isDefault` is true, the header comes from an option such as `-A`. curl sends such a header only if
 * no `-H` option sets or removes a header with the same name.
 */
function addHeader(reading: Reading, value: Text, isDefault = false): void {
  if (shown(value).startsWith('@'))
    return left(reading, `--header ${shown(value)}`, 'burst import does not read this file')
  const [name, content] = cutAt(value, ':')
  const key = shown(name).trim()
  if (content === null) return addEmptyHeader(reading, key)
  const text = trimmed(content)
  const isSame = (header: Pair): boolean => header.name.toLowerCase() === key.toLowerCase()
  const others = reading.headers.filter((header) => !isSame(header))
  const same = reading.headers.filter((header) => isSame(header) && header.isDefault !== true)
  if (isDefault && (same.length > 0 || reading.removed.has(key.toLowerCase()))) return
  if (textIsEmpty(text)) {
    reading.headers = [...others, ...same]
    return void reading.removed.add(key.toLowerCase())
  }
  if (/^connection$/i.test(key) && shown(text).toLowerCase() === 'close') reading.closes = true
  if (!isHeader(key, text)) return left(reading, `header ${key}`, 'this cannot be sent as a header')
  const kept = same.length > 0 && /^content-type$/i.test(key) ? [] : same
  if (kept !== same) left(reading, `header ${key}`, 'burst sends only the last of these headers')
  reading.headers = [...others, ...kept, { ...ownHeader(reading, key, text, kept), isDefault }]
}

/**
 * Returns a header. If `same` contains earlier headers, the new header gets the name of the first of them, because their upper and lower case can
 * differ. A variable replaces a constant secret in the value of the header.
 */
function ownHeader(reading: Reading, key: string, text: Text, same: readonly Header[]): Header {
  const name = same[0]?.name ?? key
  if (!isSecretHeader(key) || plainText(text) === null) return { name, value: text }
  return { name, value: secretHeader(reading, key, { text: shown(text), count: same.length }) }
}

/** Adds a header without a value, which curl sends for the argument `X-Empty;`. */
function addEmptyHeader(reading: Reading, text: string): void {
  const name = text.replace(/;\s*$/, '')
  if (name !== text && isHeader(name, [])) reading.headers.push({ name, value: [] })
}

/** Parses `-z DATE` and `-z -DATE`. */
function addCondition(reading: Reading, value: Text): void {
  const text = shown(value)
  const date = /(?:GMT|UTC|Z)$/.test(text) ? new Date(text.replace(/^-/, '')) : new Date(NaN)
  if (Number.isNaN(date.getTime()))
    return left(reading, `--time-cond ${text}`, 'write headers: { "if-modified-since": … } with the date')
  addHeader(reading, [`if-${text.startsWith('-') ? 'un' : ''}modified-since: ${date.toUTCString()}`], true)
}

/**
 * Returns the parameters that `--url-query` adds to the query. If a value begins with `+`, curl sends the rest of the value without encoding. curl
 * encodes all other values in the same way as for `--data-urlencode`.
 */
function givenQuery(reading: Reading, value: Text): Text {
  const [first, ...rest] = value
  if (typeof first === 'string' && first.startsWith('+')) return [first.slice(1), ...rest]
  return encodedData(reading, value, '--url-query')
}

function textIsEmpty(text: Text): boolean {
  return text.every((part) => part === '')
}

/**
 * Returns the value of a header, with a variable instead of the secret. `--var` sets the variable. Keeps the scheme of an `Authorization` header,
 * such as `Bearer`.
 */
function secretHeader(reading: Reading, name: string, { text, count }: { text: string; count: number }): Text {
  const scheme = /^authorization$/i.test(name)
    ? /^(?:Basic|Bearer|Token|ApiKey|Digest)\s+(?=\S)/i.exec(text)?.[0]
    : undefined
  const word =
    scheme !== undefined && !/^basic/i.test(scheme) ? 'token' : name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')
  const key = count === 0 ? word : `${word}_${count + 1}`
  left(reading, `header ${name}`, `set the secret with --var ${key}=…`)
  return [scheme ?? '', variable(key)]
}

function secretOr(reading: Reading, value: Text, key: string, isMissing = false): Expr {
  if (plainText(value) === null) return textExpr(value)
  if (textIsEmpty(value) && !isMissing) return str('')
  left(reading, key, `set the secret with --var ${key}=…`)
  return variable(key)
}

function addLogin(reading: Reading, value: Text): void {
  const [user, password] = cutAt(value, ':')
  reading.auth = object([
    { key: 'user', value: textExpr(user) },
    // curl asks for a password if the option contains only a user name.
    { key: 'password', value: secretOr(reading, password ?? [''], 'password', password === null) },
  ])
}

function requestTo(url: Text, reading: Reading): ImportedRequest {
  const { login } = targetOf(url)
  // If the URL contains only a user name, curl does not ask for a password.
  if (login !== null && login !== '' && !reading.auth) addLogin(reading, [login.includes(':') ? login : `${login}:`])
  const query = reading.isGet ? [...reading.query, ...queryOf(dataText(reading))] : reading.query
  const sent = sentBody(reading)
  return {
    method: reading.method ?? methodFor(sent),
    url: sent.kind === '--upload-file' ? uploadUrl(url, reading.upload) : url,
    query,
    headers: ownHeaders(sent.headers, url),
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

function methodFor({ kind, body }: Sent): string {
  if (kind === '--upload-file') return 'PUT'
  return body ? 'POST' : 'GET'
}

/** Returns the URL of an upload. If the URL ends with a slash, curl adds the name of the uploaded file. */
function uploadUrl(url: Text, name: string): Text {
  const last = url.at(-1)
  return typeof last === 'string' && last.endsWith('/') ? [...url, encodeURIComponent(name.toWellFormed())] : url
}
