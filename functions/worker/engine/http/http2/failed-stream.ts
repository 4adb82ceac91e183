import { Controller } from './controller.ts'
import type { Lent, RequestHandler } from '../connection/lent.ts'

/** Stands in for a connection that could not be opened. Each of its requests fails with the error of the attempt to connect. */
export class FailedStream implements Lent {
  readonly once = true
  readonly client = this
  readonly servername = undefined
  readonly proxy = null
  readonly connecting = null
  broken = true
  readonly #error: Error

  constructor(error: Error) {
    this.#error = error
  }

  dispatch(_options: unknown, handler: RequestHandler): void {
    handler.onResponseError?.(new Controller({ stream: undefined, fail: () => undefined }), this.#error)
  }

  destroy(): void {
    // There is no open stream to end.
  }
}
