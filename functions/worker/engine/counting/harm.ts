import type { Recorder } from './recorder.ts'

type Harmable = { readonly started: boolean }

/** The users that have had a failure or an exception. A user with several failures counts once. */
export class Harm {
  readonly #recorder: Recorder
  readonly #harmed = new WeakSet<Harmable>()

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** Records that the user had a failure or an exception. */
  meet(user: Harmable): void {
    if (this.#harmed.has(user)) return
    this.#harmed.add(user)
    if (user.started) this.#recorder.countUsers('harmed')
  }

  has(user: Harmable): boolean {
    return this.#harmed.has(user)
  }

  /** Records that the user had a failure or an exception in another worker. That worker has already counted the user. */
  carry(user: Harmable): void {
    this.#harmed.add(user)
  }
}
