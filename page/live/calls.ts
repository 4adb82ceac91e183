import type { FieldError } from '../../core/report/live/ui-protocol.ts'
import { readJson } from '../model/model.ts'

/**
 * The error of a request to the server. There are four cases: the server did not answer, it answered with an error status, its answer contains
 * errors, or its report cannot be read.
 */
export class Refusal extends Error {
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super(errors[0]?.message ?? '')
    this.errors = errors
  }
}

/**
 * Sends a request to the server: a POST if there is a body, otherwise a GET.
 * @throws Refusal with the errors in the answer of the server. If the server does not answer, or if its answer has an error status but no errors, the
 * Refusal contains one error.
 */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = readJson(await (await answerOf(path, body)).text()) as T & { errors?: FieldError[] }
  if (answer.errors) throw new Refusal(answer.errors)
  return answer
}

/** Reads the text of a file. */
export async function fetchText(path: string): Promise<string> {
  return (await answerOf(path)).text()
}

async function answerOf(path: string, body?: unknown): Promise<Response> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(path, body === undefined ? {} : post).catch(() => undefined)
  if (!answer)
    throw new Refusal([
      {
        field: 'form',
        message: 'burst does not answer: the process of burst has ended, or the network is interrupted',
      },
    ])
  if (answer.ok) return answer
  const { errors = [] } = (await answer.json().catch(() => ({}))) as { errors?: FieldError[] }
  throw new Refusal(
    errors.length > 0 ? errors : [{ field: 'form', message: `burst answered with status ${answer.status}` }],
  )
}

/** Returns the messages that the page shows for an error. */
export function errorsOf(error: unknown): readonly FieldError[] {
  if (error instanceof Refusal) return error.errors
  return [{ field: 'form', message: String(error) }]
}
