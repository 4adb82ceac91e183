import { performance } from '../../../../guard/built-ins.ts'
import { inWords } from '../../../../../core/values-in-words.ts'

/** A request body, ready to be sent. */
export interface RequestBody {
  /** The content of the body; null until `ready` has read it. */
  content: string | Uint8Array | StreamSource | null
  type: string | undefined
  /** Reads content that cannot be read synchronously (a Blob, a form with Blobs). */
  ready?: () => Promise<Uint8Array | StreamSource>
  /**
   * Returns the body for another `content-type`. Only forms have this function, because the boundary in this header separates their parts.
   * @throws TypeError when the boundary cannot be used
   */
  typed?: (type: string) => RequestBody
}

/** The code of an error that the scenario's own body threw. */
export const bodyThrew = 'BURST_BODY'

/**
 * An error that the scenario's own body (a stream or a Blob) threw. `cause` is not set, so that burst does not mistake the error for a network error.
 */
export class BodyError extends Error {
  readonly code = bodyThrew

  constructor(thrown: unknown, what = 'body') {
    super(`the ${what} failed: ${messageOf(thrown)}`)
  }
}

/** Returns the message of a value that code of the scenario threw, even if the value cannot be converted to a string. */
function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'it threw a value that cannot be shown as text'
  }
}

/** A body that is sent piece by piece. It can be opened again when the request is redirected or sent a second time. */
export class StreamSource {
  /** The number of bytes of the body. If the number is unknown (null), the body is sent in chunks. */
  readonly length: number | null
  readonly #pieces: () => Iterable<unknown> | AsyncIterable<unknown>

  constructor(length: number | null, pieces: () => Iterable<unknown> | AsyncIterable<unknown>) {
    this.length = length
    this.#pieces = pieces
  }

  /**
   * Opens the body and yields its bytes.
   * @param produced called at most once: when the first piece is available, or when the body has ended without a piece. Receives the time, in
   * milliseconds, that the scenario's code took until then.
   * @throws an error with the code `bodyThrew` when the scenario's code throws, does not return an iterable, or yields a value that is neither a
   * string nor bytes
   */
  async *open(produced: (tookMs: number) => void): AsyncGenerator<Uint8Array> {
    const askedMs = performance.now()
    let isFirst = true
    try {
      for await (const piece of iterableOf(this.#pieces())) {
        const bytes = bytesOf(piece)
        if (bytes.byteLength === 0) continue
        if (isFirst) produced(performance.now() - askedMs)
        isFirst = false
        yield bytes
      }
      if (isFirst) produced(performance.now() - askedMs)
    } catch (cause) {
      throw new BodyError(cause, 'stream of the body')
    }
  }

  /** Returns the given headers. Adds `content-length` if the length of the body is known. */
  headers(given: Record<string, string | string[]>): Record<string, string | string[]> {
    return this.length === null ? given : { ...given, 'content-length': String(this.length) }
  }

  /** A description of the body, for `burst debug`. */
  get words(): string {
    return this.length === null ? '(a stream)' : `(${this.length} bytes)`
  }
}

function iterableOf(given: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  const isIterable =
    typeof given === 'object' && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given)
  if (isIterable) return given as Iterable<unknown>
  throw new TypeError(`the function of body returned ${inWords(given)}; it must return an iterable of strings or bytes`)
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece)
  if (piece instanceof Uint8Array) return piece
  if (ArrayBuffer.isView(piece)) return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
  throw new TypeError(`a piece of the body is ${inWords(piece)}; it must be a string or bytes`)
}
