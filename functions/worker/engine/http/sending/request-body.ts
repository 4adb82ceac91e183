import type { RequestOptions } from '../../../../../core/authoring/requests/http.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import { bytesOf, formBody, isFile, multipartBody } from '../bodies/multipart.ts'
import { type RequestBody, StreamSource } from '../bodies/stream-source.ts'
import { urlEncoded } from './plain-pairs.ts'

const urlEncodedType = 'application/x-www-form-urlencoded'

/**
 * Returns the body that the options of a request describe; null if the options do not describe a body.
 * @throws TypeError when the body cannot be sent, or the options describe several bodies
 * @throws the error that a toJSON method or a getter of the body throws
 */
export function bodyOf({ json, form, multipart, body, arrays }: RequestOptions): RequestBody | null {
  const given = [json, form, multipart, body ?? undefined].filter((one) => one !== undefined)
  if (given.length === 0) return null
  if (given.length > 1) throw new TypeError('a request takes only one of json, form, multipart and body')
  if (json !== undefined) return jsonBody(json)
  if (form !== undefined) {
    return { content: urlEncoded(form, { what: 'form', arrays, encode: encodeField }), type: urlEncodedType }
  }
  return multipart === undefined ? rawBody(body) : multipartBody(multipart, arrays)
}

/** Encodes a name or a value of a form. Spaces become `+`. */
function encodeField(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

/**
 * Returns the body for a value of `body:`: a string, bytes, `URLSearchParams`, `Blob`, `FormData`, `file(…)`, or a function that returns pieces.
 * @throws TypeError for any other value
 */
function rawBody(body: unknown): RequestBody {
  if (typeof body === 'string') return { content: body, type: undefined }
  const bytes = bytesOf(body)
  if (bytes) return { content: bytes, type: undefined }
  if (body instanceof URLSearchParams) return { content: body.toString(), type: urlEncodedType }
  return formBodyOf(body) ?? streamOf(body)
}

function formBodyOf(body: unknown): RequestBody | undefined {
  if (body instanceof FormData) return formBody(body)
  if (isFile(body)) return { content: body.bytes, type: body.type }
  if (!(body instanceof Blob)) return undefined
  const ready = async (): Promise<Uint8Array> => new Uint8Array(await body.arrayBuffer())
  return { content: null, type: body.type === '' ? undefined : body.type, ready }
}

function streamOf(body: unknown): RequestBody {
  if (typeof body === 'function') {
    return { content: new StreamSource(null, body as () => Iterable<unknown>), type: undefined }
  }
  throw new TypeError(
    `body is ${inWords(body)}; it may be a string, bytes, URLSearchParams, FormData, a Blob, file(…) or a function that returns a stream. Pass objects as json, form or multipart, and a stream as () => stream`,
  )
}

/**
 * Encodes a value as JSON.
 * @throws TypeError when the value cannot be written as JSON
 * @throws the error that a toJSON method or a getter of the value throws
 */
function jsonBody(value: unknown): RequestBody {
  if (value instanceof Promise) throw new TypeError('json is a promise: await it')
  const content = jsonText(value)
  if (content === undefined) throw new TypeError(`json is ${inWords(value)}, which cannot be written as JSON`)
  if (content === '{}') checkEmpty(value)
  return { content, type: 'application/json' }
}

/** Refuses a form, a Map, a Blob and similar objects, because `JSON.stringify` converts them to `{}`, without their content. */
function checkEmpty(value: unknown): void {
  if (Object.prototype.toString.call(value) === '[object Object]') return
  throw new TypeError(
    `json is ${inWords(value)}, which JSON writes as {}: give an object or a list; forms are sent as form, multipart or body`,
  )
}

/** Patterns for JavaScript's messages about values that JSON cannot represent. burst replaces each such message by the string next to the pattern. */
const unwritable: readonly [RegExp, string][] = [
  [
    /^Do not know how to serialize a BigInt/,
    'contains a BigInt, which JSON cannot write: convert it with String() or Number()',
  ],
  [
    /^Converting circular structure to JSON/,
    'contains itself (a circular reference), which JSON cannot write: send only the fields that the target needs',
  ],
]

/**
 * Converts a value to JSON; undefined if JSON cannot represent the value.
 * @throws TypeError when the value contains a BigInt, or contains itself
 * @throws the error that a toJSON method or a getter of the value throws
 * @throws TypeError when such a method or getter throws a value that is not an Error, because such a value does not have a stack
 */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (thrown) {
    if (thrown instanceof Error) throw explained(thrown)
    throw new TypeError(`json cannot be written as JSON: the conversion threw ${inWords(thrown)}`, { cause: thrown })
  }
}

function explained(thrown: Error): Error {
  const words = thrown instanceof TypeError && unwritable.find(([message]) => message.test(thrown.message))?.[1]
  return words ? new TypeError(`json ${words}`, { cause: thrown }) : thrown
}
