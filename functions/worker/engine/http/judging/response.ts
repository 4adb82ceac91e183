import type { ReadonlyHeaders, Response } from '../../../../../core/authoring/requests/http.ts'
import { unpackBody } from '../body.ts'
import { decodeText } from './charset.ts'
import type { Exchange } from '../exchange.ts'
import { type Failure, NotInResponse } from '../failure.ts'

const noResponse: Failure = { kind: 'extract', message: 'there is no response' }
const notKept: Failure = { kind: 'extract', message: 'the body was not kept' }

/** The body of a response. The body is decompressed when it is read for the first time. */
export class ResponseBody {
  readonly #exchange: Exchange
  readonly #chunks: readonly Buffer[]
  readonly #loss: Exchange['bodyLoss']
  readonly #headers: ReadonlyHeaders
  /** The failure that each read of the body returns if there is no response, or if the scenario did not request the body. Otherwise undefined. */
  readonly #absent: Failure | undefined
  #text: string | Failure | undefined

  /**
   * Creates the body.
   * @param asked whether the scenario requested the body in the tick in which it made the request. If it did not request the body, burst may keep the
   * body for the report's examples, but the scenario cannot read it.
   */
  constructor(exchange: Exchange, headers: ReadonlyHeaders, asked: boolean) {
    this.#exchange = exchange
    this.#chunks = exchange.chunks
    this.#loss = exchange.bodyLoss
    this.#headers = headers
    if (exchange.error) this.#absent = noResponse
    else if (!asked) this.#absent = notKept
  }

  text(): string | Failure {
    this.#text ??= this.#absent ?? this.#unpack()
    return this.#text
  }

  /** The failure if the scenario read a body for which the worker had no memory; otherwise null. */
  get shortage(): Failure | null {
    return typeof this.#text === 'object' && this.#text.kind === 'generator' ? this.#text : null
  }

  json(): { value: unknown } | Failure {
    const text = this.text()
    if (typeof text !== 'string') return text
    try {
      return { value: JSON.parse(text) }
    } catch {
      return { kind: 'extract', message: text === '' ? 'the body is empty, not JSON' : 'the body is not JSON' }
    }
  }

  #unpack(): string | Failure {
    if (this.#loss) return lossOf(this.#loss)
    try {
      const bytes = unpackBody(this.#chunks, this.#headers.get('content-encoding') ?? undefined)
      if (!this.#reserve(bytes.length)) return lossOf('no memory')
      return decodeText(bytes, this.#headers.get('content-type') ?? '')
    } catch (error) {
      return { kind: 'extract', message: `the body cannot be unpacked: ${(error as Error).message}` }
    }
  }

  /**
   * Reserves the memory that the decompressed body needs in addition to the received body. Returns false if not enough memory is left. The memory is
   * reserved because an asynchronous function of the scenario may keep the body for a long time. If the exchange has already dropped the body, does
   * not reserve memory, because only the scenario's own variables can then keep the body.
   */
  #reserve(bytes: number): boolean {
    const exchange = this.#exchange
    const more = bytes - exchange.bytesIn
    if (more <= 0 || exchange.chunks.length === 0) return true
    if (!exchange.meter.keep(more)) return false
    exchange.keptBytes += more
    return true
  }
}

function lossOf(loss: NonNullable<Exchange['bodyLoss']>): Failure {
  if (loss === 'too large') return { kind: 'extract', message: 'the body is larger than 64 MiB' }
  return { kind: 'generator', message: 'the bodies that are kept for all users of the worker exceed 256 MiB together' }
}

/** The properties of a response, except its body. */
export type ResponseFacts = Pick<Response, 'ok' | 'status' | 'headers' | 'latencyMs' | 'error'>

/** The response that the scenario receives. */
export class FinishedResponse implements Response {
  readonly ok: boolean
  readonly status: number
  readonly headers: ReadonlyHeaders
  readonly latencyMs: number
  readonly error: string | null
  readonly #body: ResponseBody

  constructor({ ok, status, headers, latencyMs, error }: ResponseFacts, body: ResponseBody) {
    this.ok = ok
    this.status = status
    this.headers = headers
    this.latencyMs = latencyMs
    this.error = error
    this.#body = body
  }

  get body(): string {
    return this.text()
  }

  text(): string {
    const text = this.#body.text()
    if (typeof text === 'string') return text
    throw absent(text)
  }

  json(): unknown {
    const read = this.#body.json()
    if ('value' in read) return read.value
    throw absent(read)
  }
}

function absent(failure: Failure): Error {
  if (failure.message !== 'the body was not kept') return new NotInResponse(failure)
  return new TypeError(
    'the body was not kept: chain .text(), .json(), .expect({ body }) or .check(…) to the call, in the same tick',
  )
}
