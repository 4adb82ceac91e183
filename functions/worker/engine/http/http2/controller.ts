import type { Dispatcher } from 'undici'

interface Controlled {
  readonly stream: { pause(): unknown; resume(): unknown } | undefined
  fail(error: Error): void
}

/** The object with which a handler pauses, continues or ends a response. */
export class Controller implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  readonly #of: Controlled

  constructor(of: Controlled) {
    this.#of = of
  }

  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
    this.#of.fail(reason)
  }

  pause(): void {
    this.paused = true
    this.#of.stream?.pause()
  }

  resume(): void {
    this.paused = false
    this.#of.stream?.resume()
  }
}
