import type { IncomingMessage, ServerResponse } from 'node:http'
import * as v from 'valibot'
import { BurstError } from '../../../core/errors.ts'
import { suggestedName } from '../../../core/closest-name.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'

/** The maximum number of bytes in the body of a request. */
const bodyCap = 64 * 1024

/** The refusal of a request. `errors` contains the wrong fields and their errors. */
export class Refused extends Error {
  readonly status: number
  readonly errors: readonly FieldError[]

  constructor(status: number, errors: readonly FieldError[]) {
    super(errors[0]?.message ?? '')
    this.status = status
    this.errors = errors
  }
}

export function refused(status: number, message: string): Refused {
  return new Refused(status, [{ field: 'form', message }])
}

/**
 * Returns the body of a request if it matches the schema.
 * @throws Refused (400) that names a field that is missing, wrong or unknown. burst must not ignore a misspelt field, because the run would then not
 * have the load that the person intends.
 */
export function bodyAs<S extends v.StrictObjectSchema<v.ObjectEntries, undefined>>(
  schema: S,
  body: unknown,
  what: 'form' | 'request' = 'request',
): v.InferOutput<S> {
  const parsed = v.safeParse(schema, body)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const field = v.getDotPath(issue)?.slice(0, 100)
  if (issue.type === 'strict_object' && issue.expected === 'never') throw unknownField(what, field ?? '', schema)
  throw refused(400, `the ${what} cannot be read: ${field === undefined ? '' : `${field}: `}${issue.message}`)
}

function unknownField(what: string, field: string, { entries }: { entries: object }): Refused {
  const known = Object.keys(entries)
  const meant = suggestedName(field, known)
  const fields = known.length === 0 ? `the ${what} has no fields` : `the fields are ${known.join(', ')}`
  const hint = meant === undefined ? fields : `did you mean ${meant}?`
  return new Refused(400, [
    { field: 'form', message: `the ${what} has a field '${field}', which burst does not know`, hint },
  ])
}

/** Converts an error that a person can correct to an error of a form field. */
export function fieldError(field: string, { message, hint, at }: BurstError): FieldError {
  return { field, message, ...(hint !== undefined && { hint }), ...(at !== undefined && { at }) }
}

/** Calls `act`. If `act` throws an error that a person can correct, returns it as an error of the field. If `act` succeeds, returns an empty list. */
export function fieldErrorsOf(field: string, act: () => unknown): FieldError[] {
  try {
    act()
    return []
  } catch (error) {
    if (error instanceof BurstError) return [fieldError(field, error)]
    throw error
  }
}

const safe = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const

export function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...safe, 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(body)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, JSON.stringify(value), { 'content-type': 'application/json; charset=utf-8' })
}

/**
 * Sends an error to the page: a `Refused` with its status, a BurstError with status 422, and every other error with status 500 as a bug in burst. If
 * the response has already begun, closes the connection instead.
 */
export function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  if (error instanceof Refused) return sendJson(response, error.status, { errors: error.errors })
  if (error instanceof BurstError) return sendJson(response, 422, { errors: [fieldError('form', error)] })
  const message = `this is a bug in burst: ${error instanceof Error ? error.message : String(error)}`
  sendJson(response, 500, { errors: [{ field: 'form', message }] })
}

/** Starts a stream of server-sent events. */
export function openEvents(response: ServerResponse): void {
  response.writeHead(200, { ...safe, 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
}

export function sendEvent(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/**
 * Returns the JSON in the body of a request.
 * @throws Refused (415) when the content type is not JSON, (413) when the body is larger than 64 KiB, (400) when the body is not JSON
 */
export async function jsonBodyOf(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw refused(415, 'send application/json')
  if (Number(request.headers['content-length'] ?? 0) > bodyCap) throw tooLong()
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > bodyCap) throw tooLong()
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
  } catch {
    throw refused(400, 'the body is not JSON')
  }
}

function tooLong(): Refused {
  return refused(413, `the body of a request may have at most ${bodyCap / 1024} KiB`)
}
