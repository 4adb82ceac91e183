import type { Census } from '../counting/presence.ts'
import type { Crew, CrewFloor } from './crew.ts'
import { SimulatedUser } from './user.ts'

/** One user of each class does each of its tasks once, in the order they are written, without pauses between them: `burst debug`. */
export class Rehearsal implements Crew {
  readonly done: Promise<void>
  readonly #engine: CrewFloor
  #user: SimulatedUser | undefined
  #life: Promise<void> = Promise.resolve()
  #stopped = false
  #resolveDone!: () => void

  constructor(engine: CrewFloor) {
    this.#engine = engine
    this.done = new Promise((resolve) => (this.#resolveDone = resolve))
  }

  startAt(): void {
    void this.#rehearse().then(() => this.#resolveDone())
  }

  stop(graceMs: number): void {
    this.#stopped = true
    void this.#user?.stop(graceMs, this.#life)
  }

  leaveEarly(): void {
    const user = this.#user
    setImmediate(() => void user?.stop(this.#engine.setup.plan.timing.drainMs, this.#life))
  }

  census(): Census {
    return { users: this.#user && !this.#user.ended ? 1 : 0, draining: 0, left: 0 }
  }

  async #rehearse(): Promise<void> {
    for (const [index, userClass] of this.#engine.classes.entries()) {
      if (this.#stopped) return
      const user = new SimulatedUser(this.#engine, index, 0, userClass)
      this.#user = user
      this.#life = this.#engine.asUser(user, () => this.#live(user))
      await this.#life
    }
  }

  async #live(user: SimulatedUser): Promise<void> {
    if (await user.start(this.#engine.clock.nowMs(), 1)) {
      for (const task of user.userClass.tasks) {
        if (!user.stopping) await user.iterate(task)
      }
    }
    await user.leave()
  }
}
