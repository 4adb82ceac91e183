import { bodyOf } from '../requests/bodies/body.ts'
import { valueExpr } from '../requests/flow.ts'
import { ownHeaders } from '../requests/headers.ts'
import type { Body, ImportedRequest, Pair, Part, Text } from '../requests/request.ts'
import { isSecretField, isSecretHeader, variable } from '../requests/secrets.ts'
import { type Entry as ObjectEntry, type Expr, array, id, literal, method, object, str } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Entry } from './entries.ts'
import type { Links } from './links.ts'
import type { Field } from './multipart.ts'
import { isAmount, isJson, jsonOf, segmentText, sentHeaders, stemOf, withoutScheme } from './parts.ts'

const mostLevels = 60

/** The state while the code of one request is written. */
interface Writing {
  entry: Entry
  links: Links
  members: ReadonlySet<string>
  comments: string[]
}

/** Returns a recorded request. Replaces values from earlier responses with variables, and removes secrets. */
export function requestOf(entry: Entry, links: Links, members: ReadonlySet<string>): ImportedRequest {
  const writing: Writing = { entry, links, members, comments: [] }
  const headers = ownHeaders(headerPairs(writing))
  const url = new URL(entry.url)
  const query = [...url.searchParams].map(([name, value]) => ({ name, value: queryText(name, value, writing) }))
  const sent = sentBody(writing, headers)
  return {
    method: entry.method,
    url: [url.origin, ...pathText(url, writing)],
    query,
    headers: sent.headers,
    body: sent.body,
    comments: writing.comments,
    expect: entry.status >= 400 && entry.status <= 599 ? [entry.status] : [],
    extractions: links.extractionsOf(entry).map(({ name, found }) => ({ to: valueExpr(name, members), found })),
  }
}

function linked(value: string, { entry, links, members }: Writing): Expr | null {
  const link = links.linkOf(entry, value)
  return link ? valueExpr(link.name, members) : null
}

function pathText(url: URL, writing: Writing): Text {
  return url.pathname
    .split('/')
    .slice(1)
    .flatMap((segment) => ['/', ...segmentParts(segment, writing)])
}

function segmentParts(segment: string, writing: Writing): Text {
  const whole = linked(segmentText(segment), writing)
  if (whole) return [whole]
  const [stem, extension = ''] = stemOf(segmentText(segment))
  const linkedStem = stem === undefined ? null : linked(stem, writing)
  return linkedStem ? [linkedStem, extension] : [segment]
}

function headerPairs(writing: Writing): Pair[] {
  return sentHeaders(writing.entry).flatMap(([name, value]) => {
    if (isStale(name, value, writing)) return []
    return [headerPair(name, value, writing)]
  })
}

/**
 * Returns true for a header such as `if-match: "5"`, which contains a version from the recording. The server refuses the request as soon as the
 * server has a newer version.
 */
function isStale(name: string, value: string, writing: Writing): boolean {
  if (!/^if-/i.test(name) || value.trim() === '*' || linked(value, writing)) return false
  const { place } = writing.entry
  writing.comments.push(
    todoAbout(place, name, 'the header is left out, because no earlier response contains its value'),
  )
  return true
}

function headerPair(name: string, value: string, writing: Writing): Pair {
  const bare = withoutScheme(value)
  const scheme = value.slice(0, value.length - bare.length)
  const found = linked(bare, writing)
  if (found) return { name, value: [scheme, found] }
  if (!isSecretHeader(name)) return { name, value: [value] }
  const { expr, about } = secret(name, writing)
  return { name, value: [scheme, expr], comment: about }
}

/** Pages add parameters such as `_=1741082400123` to avoid caches. Such a parameter gets the current time. */
function queryText(name: string, value: string, writing: Writing): Text {
  const isTime = /^(?:_|_t|ts|cb|cachebuster|nocache)$/i.test(name) && /^1\d{12}$/.test(value)
  return isTime ? [method(id('Date'), 'now')] : fieldText(name, value, writing)
}

function fieldText(name: string, value: string, writing: Writing): Text {
  const found = isAmount(name, value) ? null : linked(value, writing)
  if (found) return [found]
  if (ofPage.test(name) && value !== '') return unknownValue(name, writing)
  return isSecretField(name) && value !== '' ? [secretText(name, writing)] : [value]
}

/** Matches the names of hidden fields for which the server creates a new value on each page. */
const ofPage = /^__(?:viewstate\d*|eventvalidation|previouspage|requestverificationtoken)$/i

function unknownValue(name: string, { entry, comments }: Writing): Text {
  comments.push(todoAbout(entry.place, name, 'no recorded response contains the value of this field'))
  return ['TODO']
}

function secretText(name: string, writing: Writing): Expr {
  const { expr, about } = secret(name, writing)
  writing.comments.push(about)
  return expr
}

function secret(name: string, { entry }: Writing): { expr: Expr; about: string } {
  const key = name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')
  return { expr: variable(key), about: todoAbout(entry.place, name, `set the secret with --var ${key}=…`) }
}

function sentBody(writing: Writing, headers: readonly Pair[]): { body: Body | null; headers: readonly Pair[] } {
  const { body, fields, type, method: verb } = writing.entry
  const without = headers.filter(({ name }) => !/^content-type$/i.test(name))
  if (['GET', 'HEAD'].includes(verb) || (body === null && fields.length === 0)) return { body: null, headers: without }
  if (/^multipart\/form-data/i.test(type) && fields.length > 0)
    return { body: { kind: 'parts', parts: fields.map((field) => partOf(field, writing)) }, headers: without }
  if (/x-www-form-urlencoded/i.test(type)) {
    const pairs: [string, string][] =
      body === null || body === '' ? fields.map(({ name, value }) => [name, value]) : [...new URLSearchParams(body)]
    const form = pairs.map(([name, value]) => ({ name, value: fieldText(name, value, writing) }))
    return { body: { kind: 'form', pairs: form }, headers: without }
  }
  const json = isJson(writing.entry) ? jsonOf(body ?? '') : undefined
  if (
    json !== undefined &&
    bodyOf([body ?? ''], [{ name: 'content-type', value: ['application/json'] }]).body.kind === 'json'
  )
    return {
      body: { kind: 'json', value: jsonExpr(json, '', writing, 0) },
      headers: isPlainJson(type) ? without : headers,
    }
  return { body: { kind: 'body', value: str(rawText(body ?? '', writing)) }, headers }
}

/** Returns the body. If the body has bytes that are not text, adds a TODO comment and returns `TODO`, because recordings contain only text. */
function rawText(body: string, { entry, comments }: Writing): string {
  if (!hasBytes(body)) return body
  comments.push(todoAbout(entry.place, entry.type, 'the body is not text; send the bytes of a file with file(…)'))
  return 'TODO'
}

function isPlainJson(type: string): boolean {
  return /^application\/json(?:;\s*charset=utf-?8)?$/i.test(type.trim())
}

function partOf({ name, value, fileName, type }: Field, writing: Writing): Part {
  if (fileName === null) return { name, value: fieldText(name, value, writing), ...(type !== '' && { type }) }
  if (fileName === '' && value === '')
    return { name, value: [''], file: { name: '', type: type === '' ? undefined : type } }
  const file = { name: fileName, type: type === '' ? undefined : type }
  if (isPrintable(value)) return { name, value: [value], file }
  writing.comments.push(todoAbout(writing.entry.place, fileName, 'the content of the file was not recorded'))
  return { name, value: ['TODO'], file }
}

/** Returns true if the recording contains the content of a file as text. */
function isPrintable(text: string): boolean {
  return text !== '' && text.length <= 10_000 && !hasBytes(text)
}

function hasBytes(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these characters are in the content of binary files
  return /[\u0000-\u0008\u000E-\u001F\uFFFD]/.test(text)
}

function jsonExpr(value: unknown, key: string, writing: Writing, level: number): Expr {
  if (level > mostLevels) return str('TODO')
  if (Array.isArray(value)) return array(value.map((one) => jsonExpr(one, key, writing, level + 1)))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, one]): ObjectEntry => ({
      key: name,
      value: jsonExpr(one, name, writing, level + 1),
    }))
    return object(entries)
  }
  if (typeof value !== 'string' && typeof value !== 'number') return literal(value)
  const found = isAmount(key, String(value)) ? null : linked(String(value), writing)
  if (found) return found
  return typeof value === 'string' && value !== '' && isSecretField(key) ? secretText(key, writing) : literal(value)
}
