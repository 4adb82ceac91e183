import type { Presence } from '../counting/presence.ts'
import { type Event, isUnderWay, lifeKey } from './schedule.ts'

/** Lives that the plan has and that ended, or never began, because the user left by itself. */
export class LeftLives {
  readonly #presence: () => Pick<Presence, 'settle'>
  readonly #keys = new Set<string>()

  /** @param presence told before their number changes */
  constructor(presence: () => Pick<Presence, 'settle'>) {
    this.#presence = presence
  }

  get size(): number {
    return this.#keys.size
  }

  /** Of users whose life would go on. */
  get users(): number[] {
    return [...this.#keys].map((key) => Number(key.split('-')[0]))
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  add(key: string): void {
    this.#presence().settle()
    this.#keys.add(key)
  }

  /** The life of a user that has left would have ended now. */
  end(event: Event): void {
    if (this.#keys.has(lifeKey(event))) this.#forget(lifeKey(event))
  }

  /** Lives that are planned no more at a moment, milliseconds since the start, are forgotten. */
  keepPlanned(lives: ReadonlyMap<string, Event>, nowMs: number): void {
    for (const key of this.#keys) if (!isUnderWay(lives.get(key), nowMs)) this.#forget(key)
  }

  #forget(key: string): void {
    this.#presence().settle()
    this.#keys.delete(key)
  }
}
