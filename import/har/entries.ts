import { invalidInput } from '../../core/errors.ts'
import { at, listAt, textAt } from '../requests/bodies/json.ts'
import { type Field, fieldsInText } from './multipart.ts'

const mostEntries = 10_000
const mostBody = 2 * 1024 * 1024

/** A recorded request and its response. */
export interface Entry {
  /** The position of the entry in the file, such as `shop.har: entry 3`. */
  place: string
  page: string
  method: string
  url: string
  host: string
  headers: readonly [name: string, value: string][]
  type: string
  /** The body as text; null if there is no body. */
  body: string | null
  fields: readonly Field[]
  cookies: readonly string[]
  status: number
  answerHeaders: readonly [name: string, value: string][]
  setCookies: readonly string[]
  answerType: string
  /** The text of the response; empty if it was not recorded or is too large. */
  answer: string
  isStatic: boolean
  /** The URL to which the response redirects; empty if it does not redirect. */
  redirect: string
  /** Milliseconds since 1970. */
  start: number
  end: number
}

/**
 * Returns the requests over http and https, in the order in which they began, without requests that follow a redirect.
 * @throws BurstError (104) when the list has more than 10,000 items
 */
export function entriesOf(file: string, all: readonly unknown[]): Entry[] {
  if (all.length > mostEntries)
    throw invalidInput(`${file} has more than ${mostEntries} requests`, { hint: 'record a shorter visit' })
  const found = all.flatMap((one, index) => entryOf(`${file}: entry ${index + 1}`, one) ?? [])
  return withoutRedirected(found.toSorted((a, b) => a.start - b.start))
}

/**
 * Leaves out each recorded request that follows a redirect, because burst follows redirects itself. Replaces the redirect with the response to the
 * request that is left out.
 */
function withoutRedirected(entries: readonly Entry[]): Entry[] {
  const awaited = new Map<string, Entry>()
  return entries.filter((entry) => {
    const before = awaited.get(entry.url)
    awaited.delete(entry.url)
    if (before) {
      before.answer = entry.answer
      before.answerType = entry.answerType
      before.answerHeaders = entry.answerHeaders
      if (entry.status > 0) before.status = entry.status
      before.end = Math.max(before.end, entry.end)
    }
    if (entry.redirect !== '') awaited.set(entry.redirect, before ?? entry)
    return before === undefined
  })
}

function entryOf(place: string, one: unknown): Entry | null {
  const url = URL.parse(textAt(one, 'request', 'url'))
  if (!url || !['http:', 'https:'].includes(url.protocol) || isOther(one)) return null
  const headers = headersOf(listAt(one, 'request', 'headers'))
  const answerHeaders = headersOf(listAt(one, 'response', 'headers'))
  const answerType = textAt(one, 'response', 'content', 'mimeType')
  const start = Date.parse(textAt(one, 'startedDateTime')) || 0
  const body = at(one, 'request', 'postData', 'text')
  const type = textAt(one, 'request', 'postData', 'mimeType')
  return {
    place,
    page: textAt(one, 'pageref'),
    method: /^[a-z-]{1,30}$/i.test(textAt(one, 'request', 'method'))
      ? textAt(one, 'request', 'method').toUpperCase()
      : 'GET',
    url: url.href,
    host: url.hostname,
    headers,
    type,
    body: typeof body === 'string' ? body : null,
    fields: fieldsOf(listAt(one, 'request', 'postData', 'params'), type, body),
    cookies: cookieNames(one, headers),
    status: Number(textAt(one, 'response', 'status')) || 0,
    answerHeaders,
    setCookies: answerHeaders.flatMap(([name, value]) => (/^set-cookie$/i.test(name) ? setNames(value) : [])),
    answerType,
    answer: answerOf(one),
    isStatic: isStatic(url, answerType, textAt(one, '_resourceType')),
    redirect: redirectOf(one, url, answerHeaders),
    start,
    end: start + Math.max(0, Number(textAt(one, 'time')) || 0),
  }
}

/** Returns true if an entry is a WebSocket connection, or the tunnel of a proxy. */
function isOther(one: unknown): boolean {
  return isSocket(one) || /^connect$/i.test(textAt(one, 'request', 'method'))
}

/** Returns true for a WebSocket connection. Some proxies record its URL as http or https. */
function isSocket(one: unknown): boolean {
  return (
    Array.isArray(at(one, '_webSocketMessages')) ||
    textAt(one, '_resourceType') === 'websocket' ||
    /^wss?:/i.test(textAt(one, 'request', 'url'))
  )
}

/** Returns the WebSocket connections of a recording, without the queries of their URLs, because queries often contain secrets. */
export function socketsOf(file: string, all: readonly unknown[]): Pick<Entry, 'place' | 'url' | 'host' | 'isStatic'>[] {
  return all.flatMap((one, index) => {
    const url = isSocket(one) ? URL.parse(textAt(one, 'request', 'url')) : null
    const place = `${file}: entry ${index + 1}`
    return url
      ? [{ place, url: `${url.protocol}//${url.host}${url.pathname}`, host: url.hostname, isStatic: false }]
      : []
  })
}

function redirectOf(one: unknown, url: URL, headers: readonly [string, string][]): string {
  const status = Number(textAt(one, 'response', 'status'))
  if (![301, 302, 303, 307, 308].includes(status)) return ''
  const location = headers.find(([name]) => /^location$/i.test(name))?.[1] ?? textAt(one, 'response', 'redirectURL')
  return location === '' ? '' : (URL.parse(location, url.href)?.href ?? '')
}

function headersOf(list: readonly unknown[]): [string, string][] {
  return list.slice(0, 200).map((header) => [textAt(header, 'name'), textAt(header, 'value')])
}

/**
 * Returns the fields of a form. If the recording has no list of fields, reads the fields from the text of the multipart body, because Firefox and
 * Chrome record only this text.
 */
function fieldsOf(list: readonly unknown[], type: string, body: unknown): Field[] {
  if (list.length === 0 && typeof body === 'string' && /^multipart\/form-data/i.test(type))
    return fieldsInText(body, type)
  return list.slice(0, 1000).map((field) => ({
    name: textAt(field, 'name'),
    value: textAt(field, 'value'),
    fileName: textAt(field, 'fileName') === '' ? null : textAt(field, 'fileName'),
    type: textAt(field, 'contentType'),
  }))
}

function cookieNames(one: unknown, headers: readonly [string, string][]): string[] {
  const listed = listAt(one, 'request', 'cookies').map((cookie) => textAt(cookie, 'name'))
  const sent = headers.flatMap(([name, value]) => (/^cookie$/i.test(name) ? value.split(';') : []))
  return [...listed, ...sent.map((pair) => (pair.split('=')[0] ?? '').trim())].filter((name) => name !== '')
}

function setNames(value: string): string[] {
  return value.split('\n').map((line) => (line.split('=')[0] ?? '').trim())
}

function answerOf(one: unknown): string {
  const text = textAt(one, 'response', 'content', 'text')
  if (text.length > mostBody) return ''
  const isBase64 = textAt(one, 'response', 'content', 'encoding') === 'base64'
  return isBase64 ? Buffer.from(text, 'base64').toString('utf8') : text
}

function isStatic(url: URL, type: string, resource: string): boolean {
  if (/^(?:image|stylesheet|script|font|media|manifest|texttrack)$/.test(resource)) return true
  if (/^(?:image|font|audio|video)\/|^text\/css|javascript|font-woff/i.test(type)) return true
  return /\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm|mp3|wasm)$/i.test(url.pathname)
}
