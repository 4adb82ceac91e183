import type { Entry } from './entries.ts'

const mostParts = 5000

/** A complete value in a request: a segment of the path, a field, or a header. */
export interface SentValue {
  value: string
  /** The name of the header that contains the value; null if the value is not in a header. */
  header: string | null
}

/** Returns all values of a request: the segments of the path, the headers, and the values in the query, the form and the JSON body. */
export function partsOf(entry: Entry): SentValue[] {
  const url = new URL(entry.url)
  const values = [
    ...url.pathname
      .split('/')
      .slice(1)
      .map(segmentText)
      .flatMap((segment) => [segment, ...stemOf(segment).slice(0, 1)]),
    ...identifying([...url.searchParams]),
    ...identifying(entry.fields.map(({ name, value }) => [name, value])),
    ...bodyValues(entry),
  ]
  const headers = sentHeaders(entry).map(([name, value]) => ({ value: withoutScheme(value), header: name }))
  return [...values.slice(0, mostParts).map((value) => ({ value, header: null })), ...headers].filter(
    ({ value }) => value !== '',
  )
}

/** Headers that describe the cookies, the cache and the current page of the browser that made the recording. */
const ofTheBrowser = /^(?:cookie|referer|cache-control|pragma|x-client-data)$/i
const ofTheCache = /^if-(?:none-match|modified-since|range)$/i

/**
 * Returns the headers that do not depend on the browser that made the recording. In a GET or HEAD request, headers such as `if-none-match` are left
 * out, because they describe the cache of that browser.
 */
export function sentHeaders({ method, headers }: Pick<Entry, 'method' | 'headers'>): [name: string, value: string][] {
  const isRead = ['GET', 'HEAD'].includes(method)
  return headers
    .filter(([name]) => !ofTheBrowser.test(name) && !(isRead && ofTheCache.test(name)))
    .map(([...pair]) => pair)
}

const identifying = (pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.filter(([name, value]) => !isAmount(name, value)).map(([, value]) => value)

const amounts =
  /^(?:p|page|page_?(?:no|num|number|index|size)|per_?page|limit|size|offset|start|skip|take|count|total|qty|quantity|amount|year|month|day|rating|stars|score|level|step|version|v|width|height|w|h)$/i

/**
 * Returns true for a number of at most four digits if the name of the parameter suggests an amount or a position, as in `page=1`. Such a number stays
 * as it is, even if an earlier response contains an id with the same digits.
 */
export function isAmount(name: string, value: string): boolean {
  return /^\d{1,4}$/.test(value) && amounts.test(name)
}

/** Splits a segment such as `order-4711.pdf` into an id and an extension. Returns an empty list for any other segment. */
export function stemOf(segment: string): string[] {
  const [, stem = '', extension = ''] = /^([^.]*\d[^.]*)(\.[a-z]{2,5})$/i.exec(segment) ?? []
  return stem.length < 4 ? [] : [stem, extension]
}

export function segmentText(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Text that is not valid percent-encoding is compared without decoding.
    return segment
  }
}

/** Removes the scheme from the value of a header: `Bearer abc` becomes `abc`. */
export function withoutScheme(header: string): string {
  return header.replace(/^(?:Bearer|Token|ApiKey|JWT)\s+(?=\S)/i, '')
}

/** Returns true if a body may be JSON. Some pages declare JSON as text, so that the browser sends the request without a preflight request. */
export function isJson({ body, type }: Pick<Entry, 'body' | 'type'>): boolean {
  return /json/i.test(type) || (/^text\/plain/i.test(type) && /^\s*[{[]/.test(body ?? ''))
}

function bodyValues({ body, type }: Entry): string[] {
  if (body === null) return []
  if (/x-www-form-urlencoded/i.test(type)) return identifying([...new URLSearchParams(body)].slice(0, mostParts))
  if (!isJson({ body, type })) return []
  const found: [string, string][] = []
  const left: [string, unknown][] = [['', jsonOf(body)]]
  for (let next = left.pop(); next && found.length < mostParts; next = left.pop()) {
    const [name, one] = next
    if (Array.isArray(one)) left.push(...one.slice(0, mostParts).map((item): [string, unknown] => [name, item]))
    else if (typeof one === 'object' && one !== null) left.push(...Object.entries(one).slice(0, mostParts))
    else if (typeof one === 'string' || typeof one === 'number') found.push([name, String(one)])
  }
  return identifying(found)
}

/** Returns the value of a JSON body; undefined if the body is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
