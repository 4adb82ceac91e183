import type { Presence } from '../counting/presence.ts'
import { type Event, isUnderWay, lifeKey } from './schedule.ts'

/** Planned lives that ended early or never began because the user left by itself. */
export class LeftLives {
  readonly #presence: () => Pick<Presence, 'settle'>
  readonly #keys = new Set<string>()

  /** @param presence its `settle` is called before the number of these lives changes */
  constructor(presence: () => Pick<Presence, 'settle'>) {
    this.#presence = presence
  }

  get size(): number {
    return this.#keys.size
  }

  /** The users of these lives. */
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

  /** Forgets a life whose planned end has come. */
  end(event: Event): void {
    if (this.#keys.has(lifeKey(event))) this.#forget(lifeKey(event))
  }

  /** Forgets lives that are no longer planned at `nowMs` (milliseconds since the start). */
  keepPlanned(lives: ReadonlyMap<string, Event>, nowMs: number): void {
    for (const key of this.#keys) if (!isUnderWay(lives.get(key), nowMs)) this.#forget(key)
  }

  #forget(key: string): void {
    this.#presence().settle()
    this.#keys.delete(key)
  }
}
