import { Controller } from './controller.ts'
import type { Lent, RequestHandler } from '../connection/lent.ts'

/**
 * Replaces a connection that could not be opened, or whose target does not speak the required HTTP/2. A request on this object fails with the error
 * of the connection.
 */
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
