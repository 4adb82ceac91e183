import type { Expectation, ReadonlyHeaders, Response } from '../../../../core/authoring/http.ts'
import type { SchemaIssue, StandardSchema } from '../../../../core/authoring/schema.ts'
import { durationMs } from '../../../../core/duration.ts'
import { unpackBody } from './body.ts'
import { decodeText } from './charset.ts'
import type { Exchange } from './exchange.ts'
import type { Failure } from './failure.ts'
import { ResponseHeaders } from './sending/headers.ts'
import { wordsOf } from '../counting/thrown.ts'

/** Something that the scenario takes out of a response. */
export type Extraction = { resolve?: (value: never) => void; reject?: (error: Error) => void } & (
  | { kind: 'json'; schema: StandardSchema | undefined }
  | { kind: 'text' }
  | { kind: 'header'; name: string }
  | { kind: 'match'; pattern: RegExp }
)

/** A finished call, as far as it is judged. */
export interface Judgeable {
  readonly exchange: Exchange
  /** First hop written; 0 if it never was. */
  readonly sentMs: number
  readonly expectation: Expectation | undefined
  readonly extractions: readonly Extraction[]
  readonly checks: readonly { name: string; passed: (response: Response) => boolean }[]
}

/** One outcome per request: the first failure wins. */
export interface Judged {
  response: Response
  failure: Failure | null
  /** What the extractions gave, in their order. */
  values: unknown[]
  checks: { name: string; passed: boolean }[]
}

/** Judges a finished call, in the user's turn: this is where bodies are unpacked and parsed. Never throws or rejects. */
export function judge(call: Judgeable, transport: Failure | null): Judged | Promise<Judged> {
  const response = responseOf(call, transport)
  try {
    return judgeResponse(call, response, transport)
  } catch (thrown) {
    return { response, failure: brokenBy(thrown, 'expect'), values: [], checks: [] }
  }
}

function judgeResponse(call: Judgeable, response: Response, transport: Failure | null): Judged | Promise<Judged> {
  const judged: Judged = { response, failure: transport, values: [], checks: runChecks(call, response) }
  const body = new BodyText(call, response.headers)
  judged.failure ??= statusFailure(response.status, call.expectation)
  judged.failure ??= expectationFailure(call.expectation, response.latencyMs, body)
  if (judged.failure || call.extractions.length === 0) return judged
  return extractAll(call.extractions, judged, body)
}

function responseOf(call: Judgeable, transport: Failure | null): Response {
  const { exchange } = call
  // A chain that was refused half-way has an answer; a network error has none, whatever came before it.
  const status = exchange.error ? 0 : exchange.status
  return {
    ok: !transport && status >= 200 && status < 400,
    status,
    headers: new ResponseHeaders(exchange.headers),
    latencyMs: call.sentMs === 0 ? 0 : exchange.endMs - call.sentMs,
    error: transport?.message ?? null,
  }
}

function runChecks(call: Judgeable, response: Response): Judged['checks'] {
  return call.checks.map(({ name, passed }) => {
    try {
      return { name, passed: passed(response) }
    } catch {
      // A check that throws has not passed; its own bug must not end the user.
      return { name, passed: false }
    }
  })
}

function statusFailure(status: number, expectation: Expectation | undefined): Failure | null {
  const wanted = expectation?.status
  if (wanted === undefined) return status >= 400 ? { kind: 'status', message: `HTTP ${status}` } : null
  const statuses = typeof wanted === 'number' ? [wanted] : wanted
  if (statuses.includes(status)) return null
  return { kind: 'expect', message: `expected status ${statuses.join(' or ')}, got ${status}` }
}

function expectationFailure(expectation: Expectation | undefined, latencyMs: number, body: BodyText): Failure | null {
  if (expectation?.under && latencyMs >= durationMs(expectation.under)) {
    return { kind: 'expect', message: `expected under ${expectation.under}` }
  }
  if (!expectation?.body) return null
  const text = body.read()
  if (typeof text !== 'string') return text
  expectation.body.lastIndex = 0
  return expectation.body.test(text)
    ? null
    : { kind: 'expect', message: `expected a body that matches ${expectation.body}` }
}

async function extractAll(extractions: readonly Extraction[], judged: Judged, body: BodyText): Promise<Judged> {
  for (const extraction of extractions) {
    const taken = await taking(extraction, judged.response, body)
    if ('failure' in taken) return { ...judged, failure: taken.failure }
    judged.values.push(taken.value)
  }
  return judged
}

type Taken = { value: unknown } | { failure: Failure }

/** A schema's own code may throw, and what is no RegExp does: the user shall hear of it, not wait for ever. */
async function taking(extraction: Extraction, response: Response, body: BodyText): Promise<Taken> {
  try {
    return await extract(extraction, response, body)
  } catch (thrown) {
    return { failure: brokenBy(thrown, 'extract') }
  }
}

function brokenBy(thrown: unknown, kind: 'expect' | 'extract'): Failure {
  return { kind, message: `it could not be judged: ${wordsOf(thrown).slice(0, 200)}` }
}

function extract(extraction: Extraction, response: Response, body: BodyText): Taken | Promise<Taken> {
  if (extraction.kind === 'header') return takeHeader(extraction.name, response.headers)
  const text = body.read()
  if (typeof text !== 'string') return { failure: text }
  if (extraction.kind === 'text') return { value: text }
  if (extraction.kind === 'match') return takeMatch(extraction.pattern, text)
  return takeJson(extraction.schema, text)
}

function takeHeader(name: string, headers: ReadonlyHeaders): Taken {
  const value = headers.get(name)
  return value === null ? { failure: { kind: 'extract', message: `no header '${name}'` } } : { value }
}

function takeMatch(pattern: RegExp, text: string): Taken {
  pattern.lastIndex = 0
  const found = pattern.exec(text)
  if (!found) return { failure: { kind: 'extract', message: `nothing in the body matches ${pattern}` } }
  return { value: found[1] ?? found[0] }
}

async function takeJson(schema: StandardSchema | undefined, text: string): Promise<Taken> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {
      failure: { kind: 'extract', message: text === '' ? 'the body is empty, not JSON' : 'the body is no JSON' },
    }
  }
  if (!schema) return { value }
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return { value: result.value }
  return { failure: { kind: 'extract', message: `JSON differs from the schema: ${describeIssue(result.issues[0])}` } }
}

function describeIssue(issue: SchemaIssue | undefined): string {
  const path = (issue?.path ?? []).map((key) => String(typeof key === 'object' ? key.key : key)).join('.')
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'no reason given'}`.slice(0, 200)
}

function lossOf(loss: NonNullable<Exchange['bodyLoss']>): Failure {
  if (loss === 'too large') return { kind: 'extract', message: 'the body is larger than 64 MiB' }
  return { kind: 'generator', message: 'the bodies that users asked for at one time are larger than 256 MiB together' }
}

/** The body's text, unpacked at most once and only if something asks. */
class BodyText {
  readonly #call: Judgeable
  readonly #headers: ReadonlyHeaders
  #read: string | Failure | undefined

  constructor(call: Judgeable, headers: ReadonlyHeaders) {
    this.#call = call
    this.#headers = headers
  }

  read(): string | Failure {
    this.#read ??= this.#unpack()
    return this.#read
  }

  #unpack(): string | Failure {
    const { exchange } = this.#call
    if (exchange.bodyLoss) return lossOf(exchange.bodyLoss)
    try {
      const bytes = unpackBody(exchange.chunks, this.#headers.get('content-encoding') ?? undefined)
      return decodeText(bytes, this.#headers.get('content-type') ?? '')
    } catch (error) {
      return { kind: 'extract', message: `the body cannot be unpacked: ${(error as Error).message.slice(0, 100)}` }
    }
  }
}
