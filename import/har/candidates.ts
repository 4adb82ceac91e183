import type { Entry } from './entries.ts'
import { type Value, inDelta, inHtml } from './html.ts'

const mostPerAnswer = 5000

/** Returns the values of a response that are probably ids or tokens. */
export function candidatesIn(entry: Entry): Value[] {
  const { answer } = entry
  return [...inHeaders(entry), ...(isJson(entry) ? inJson(answer) : [...inHtml(answer), ...inDelta(answer)])]
}

function isJson({ answer, answerType }: Entry): boolean {
  return /json/i.test(answerType) || /^\s*[{[]/.test(answer)
}

function inHeaders({ answerHeaders }: Entry): Value[] {
  return answerHeaders
    .filter(
      ([name, value]) => /token|csrf|xsrf|session|nonce|-id$|^etag$|^last-modified$/i.test(name) && value.length >= 4,
    )
    .map(([name, value]) => ({ value, key: name, found: { header: name.toLowerCase() } }))
}

interface Place {
  value: unknown
  path: readonly (string | number)[]
}

/** Searches the lists and objects breadth first, so that each value gets its shortest path. */
function inJson(text: string): Value[] {
  const queue: Place[] = [{ value: parsed(text), path: [] }]
  const found: Value[] = []
  for (let at = 0; at < queue.length && at < 20 * mostPerAnswer && found.length < mostPerAnswer; at++) {
    const place = queue[at] as Place
    if (typeof place.value === 'object' && place.value !== null) queue.push(...placesIn(place))
    else found.push(...leafValue(place))
  }
  return found
}

function placesIn({ value, path }: Place): Place[] {
  if (path.length >= 12) return []
  if (Array.isArray(value))
    return value.slice(0, 1000).map((one: unknown, index) => ({ value: one, path: [...path, index] }))
  return Object.entries(value as object)
    .slice(0, 1000)
    .map(([key, one]) => ({ value: one as unknown, path: [...path, key] }))
}

function leafValue({ value, path }: Place): Value[] {
  const key = String(path.findLast((step) => typeof step === 'string') ?? 'value')
  return isCandidate(key, value) ? [{ value: String(value), key, found: { json: path } }] : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The response is not valid JSON, so no values are read from it.
    return null
  }
}

const idLike =
  /(?:^|[_-])(?:id|uuid|guid|token|csrf|xsrf|nonce|code|slug|sku|ref|key|number|cursor)$|(?:Id|ID|Uuid|Token|Key|Nonce|Slug|Ref|Number|Cursor)$/i

function isCandidate(key: string, value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && idLike.test(key)
  if (typeof value !== 'string' || value === '' || value.length > 8192) return false
  return idLike.test(key)
    ? !/^(?:true|false|null)$/.test(value)
    : value.length >= 8 && /\d/.test(value) && !/\s/.test(value)
}
