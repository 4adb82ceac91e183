import type { RunEvent } from '../../../core/authoring/run-event.ts'
import type { UserRuntime } from '../../../core/authoring/runtime.ts'

/** The engine that reports the events. */
interface EventHost {
  readonly recorder: { exception(thrown: unknown): void }
  /** Runs code of the scenario. While this code runs, feeds and `Math.random` draw for the current user. */
  asUser<T>(user: UserRuntime, body: () => T): T
}

/** Calls `onEvent` of the scenario. If `onEvent` throws a value, counts this value as an exception. */
export class EventHook {
  readonly #hook: (event: RunEvent) => unknown
  readonly #host: EventHost

  constructor(hook: (event: RunEvent) => unknown, host: EventHost) {
    this.#hook = hook
    this.#host = host
  }

  /** Calls `onEvent` with an event of a user. */
  tell(event: RunEvent, user: UserRuntime): void {
    this.#host.asUser(user, () => void this.#call(event))
  }

  async #call(event: RunEvent): Promise<void> {
    try {
      await this.#hook(event)
    } catch (thrown) {
      this.#host.recorder.exception(thrown)
    }
  }
}
