import type { Entry } from './entries.ts'

const mostParts = 5000

/** A value that a request sends, as a whole. */
export interface SentValue {
  value: string
  /** The header that it is in; null elsewhere. */
  header: string | null
}

/** The segments of the path, the values of query, form and JSON, and the headers of a request. */
export function partsOf(entry: Entry): SentValue[] {
  const url = new URL(entry.url)
  const values = [
    ...url.pathname.split('/').slice(1).map(segmentText),
    ...url.searchParams.values(),
    ...entry.fields.map(({ value }) => value),
    ...bodyValues(entry),
  ]
  const headers = entry.headers.map(([name, value]) => ({ value: withoutScheme(value), header: name }))
  return [...values.slice(0, mostParts).map((value) => ({ value, header: null })), ...headers].filter(
    ({ value }) => value !== '',
  )
}

export function segmentText(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Not percent-encoded text: it is compared as it stands.
    return segment
  }
}

/** `Bearer abc` → `abc` */
export function withoutScheme(header: string): string {
  return header.replace(/^(?:Bearer|Token|ApiKey|JWT)\s+(?=\S)/i, '')
}

// oxlint-disable-next-line complexity -- each kind of content is a condition of its own
function bodyValues({ body, type }: Entry): string[] {
  if (body === null) return []
  if (/x-www-form-urlencoded/i.test(type)) return [...new URLSearchParams(body).values()].slice(0, mostParts)
  if (!/json/i.test(type)) return []
  const found: string[] = []
  const left: unknown[] = [jsonOf(body)]
  while (left.length > 0 && found.length < mostParts) {
    const one = left.pop()
    if (typeof one === 'object' && one !== null) left.push(...Object.values(one).slice(0, mostParts))
    else if (typeof one === 'string' || typeof one === 'number') found.push(String(one))
  }
  return found
}

/** The value of a JSON body; undefined if it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
