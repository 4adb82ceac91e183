import { marks, shared } from '../../../../../core/authoring/runtime.ts'
import type { ReadonlyHeaders, Response } from '../../../../../core/authoring/requests/http.ts'
import type { SchemaIssue, SchemaResult, StandardSchema } from '../../../../../core/authoring/requests/schema.ts'
import { isRecord } from '../../../../../core/values-in-words.ts'
import { wordsOf } from '../../counting/thrown.ts'
import type { Failure } from '../failure.ts'
import { inTime, isThenable } from './own-judgement.ts'
import type { ResponseBody } from './response.ts'

/** A value that the scenario extracts from a response. */
export type Extraction = {
  resolve?: (value: never) => void
  reject?: (error: Error) => void
  promise?: Promise<unknown>
} & (
  | { kind: 'json'; schema: StandardSchema | undefined }
  | { kind: 'data'; schema: StandardSchema | undefined }
  | { kind: 'html' }
  | { kind: 'ended' }
  | { kind: 'text' }
  | { kind: 'header'; name: string }
  | { kind: 'match'; pattern: RegExp }
)

/** The response from which a value is extracted, and the time limit for a promise of the scenario's schema. */
export interface Source {
  response: Response
  body: ResponseBody
  limitMs: number
}

/** An extracted value, or the reason why it could not be extracted. */
export type Taken = { value: unknown } | { failure: Failure }

/**
 * Extracts a value. If the code of a schema throws or rejects, or if the scenario's own subclass of RegExp throws, returns the error as a failure.
 * Without this failure, the user would wait forever.
 */
export function taking(extraction: Extraction, from: Source): Taken | Promise<Taken> {
  try {
    const taken = extract(extraction, from)
    return isThenable(taken) ? taken.then(null, broken) : taken
  } catch (thrown) {
    return broken(thrown)
  }
}

function broken(thrown: unknown): Taken {
  return { failure: brokenBy(thrown, 'extract') }
}

export function brokenBy(thrown: unknown, kind: 'expect' | 'extract'): Failure {
  return { kind, message: `the response could not be judged: ${wordsOf(thrown)}` }
}

function extract(extraction: Extraction, { response, body, limitMs }: Source): Taken | Promise<Taken> {
  if (extraction.kind === 'ended') return { value: undefined }
  if (extraction.kind === 'header') return takeHeader(extraction.name, response.headers)
  if (extraction.kind === 'json') return takeJson(body.json(), extraction.schema, limitMs)
  if (extraction.kind === 'data') return takeJson(dataOf(body), extraction.schema, limitMs, 'data')
  const text = body.text()
  if (typeof text !== 'string') return { failure: text }
  if (extraction.kind === 'html') return takeHtml(text, response.headers)
  if (extraction.kind === 'text') return { value: text }
  return takeMatch(extraction.pattern, text)
}

/** The maximum number of characters of a page that burst parses. While a page is parsed, the other users of the worker cannot run. */
const longestPage = 8 * 2 ** 20

function takeHtml(text: string, headers: ReadonlyHeaders): Taken {
  const type = headers.get('content-type')
  if (type !== null && !/html|xml/i.test(type)) {
    return { failure: { kind: 'extract', message: `the body is not HTML: its content-type is ${type.slice(0, 60)}` } }
  }
  const page = text.length <= longestPage ? shared[marks.html]?.(text) : 'the page is longer than 8 MiB'
  return typeof page === 'string' ? { failure: { kind: 'extract', message: page } } : { value: page }
}

function takeHeader(name: string, headers: ReadonlyHeaders): Taken {
  const value = headers.get(name)
  return value === null ? { failure: { kind: 'extract', message: `no header '${name}'` } } : { value }
}

function takeMatch(pattern: RegExp, text: string): Taken {
  pattern.lastIndex = 0
  const found = pattern.exec(text)
  if (!found) return { failure: { kind: 'extract', message: `the body does not match ${pattern}` } }
  return { value: found[1] ?? found[0] }
}

/** Returns the data of a GraphQL response. */
function dataOf(body: ResponseBody): { value: unknown } | Failure {
  const read = body.json()
  if (!('value' in read)) return read
  const { value } = read
  if (isRecord(value) && 'data' in value) return { value: value['data'] }
  return { kind: 'extract', message: 'the response has no data' }
}

function takeJson(
  read: { value: unknown } | Failure,
  schema: StandardSchema | undefined,
  limitMs: number,
  method: 'json' | 'data' = 'json',
): Taken | Promise<Taken> {
  if (!('value' in read)) return { failure: read }
  if (!schema) return read
  const judging = schema['~standard'].validate(read.value)
  const differs = method === 'json' ? 'JSON differs' : 'the data differs'
  if (!isThenable(judging)) return takenBy(judging, differs)
  return inTime(judging, limitMs, `the schema of ${method}()`).then((result) => takenBy(result, differs))
}

function takenBy(result: SchemaResult, differs: string): Taken {
  if (!result.issues) return { value: result.value }
  return { failure: { kind: 'extract', message: `${differs} from the schema: ${describeIssue(result.issues[0])}` } }
}

function describeIssue(issue: SchemaIssue | undefined): string {
  const path = (issue?.path ?? []).map((key) => String(typeof key === 'object' ? key.key : key)).join('.')
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'no reason given'}`
}
