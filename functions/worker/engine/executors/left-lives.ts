import { type Pause, dueAfterPauses } from '../../../../core/fleet/changes/pause.ts'
import type { Presence } from '../counting/presence.ts'
import type { HandOverPart } from '../handover/carried-user.ts'
import { type Event, isAnew, isUnderWay, lifeKey } from './schedule.ts'

interface LeftLivesContext {
  /** Counts the users over time. `LeftLives` calls `presence.settle` before it adds or removes a life. */
  readonly presence: Pick<Presence, 'settle'>
  readonly fleet: { readonly pauses: readonly Pause[] }
}

/**
 * The planned lives that ended early or never began, because their users left by themselves. `LeftLives` also counts each life that must wait until
 * the user's previous life has ended. The length of this wait depends on the scenario and the target, not on burst.
 */
export class LeftLives {
  readonly #engine: LeftLivesContext
  readonly #keys = new Set<string>()
  readonly #waiting = new Map<string, number>()

  constructor(engine: LeftLivesContext) {
    this.#engine = engine
  }

  /**
   * Returns the number of planned users that are not running, either because they left by themselves, or because their new life waits for the end of
   * their previous life. Users that a pause would hold at `atMs` (milliseconds since the start of the run) do not count.
   */
  readonly sizeAt = (atMs: number): number => {
    const { pauses } = this.#engine.fleet
    if (pauses.length === 0) return this.#keys.size + this.#waiting.size
    return [...this.users, ...this.#waiting.values()].filter((index) => dueAfterPauses(pauses, index, atMs) === atMs)
      .length
  }

  /** The users that have left by themselves. */
  get users(): number[] {
    return [...this.#keys].map((key) => Number(key.split('-')[0]))
  }

  /**
   * Returns what the next worker must know about users that do not run. `left` contains the users that have left by themselves. `anew` contains the
   * users whose new life (an event in `waiting`) has not begun in this worker. A new life is left out if its planned end has passed at `nowMs`.
   */
  carried(waiting: readonly Event[], nowMs: number): Pick<HandOverPart, 'left' | 'anew'> {
    const anew = waiting.filter((one) => one.begins && isAnew(one) && isUnderWay(one, nowMs)).map(({ index }) => index)
    return { left: this.users, anew }
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  add(key: string): void {
    this.#engine.presence.settle()
    this.#keys.add(key)
  }

  /** Waits until the user's previous life (`former`) has ended. Until then, counts the user's new life as waiting. */
  async wait(event: Event, former: Promise<void>): Promise<void> {
    this.#engine.presence.settle()
    this.#waiting.set(lifeKey(event), event.index)
    await former
    if (this.#waiting.has(lifeKey(event))) this.#forget(lifeKey(event))
  }

  /** Removes a life that has reached its planned end. */
  end(event: Event): void {
    const key = lifeKey(event)
    if (this.#keys.has(key) || this.#waiting.has(key)) this.#forget(key)
  }

  /** Removes lives that are no longer planned at `nowMs` (milliseconds since the start). */
  keepPlanned(lives: ReadonlyMap<string, Event>, nowMs: number): void {
    for (const key of [...this.#keys, ...this.#waiting.keys()])
      if (!isUnderWay(lives.get(key), nowMs)) this.#forget(key)
  }

  #forget(key: string): void {
    this.#engine.presence.settle()
    this.#keys.delete(key)
    this.#waiting.delete(key)
  }
}
