import { type CarriedUser, type HandOverPart, unpacked } from './carried-user.ts'

/** The period in which an engine runs its slice, and the users that the engine takes over. Times are in milliseconds since the start of the run. */
export interface EngineTurn {
  fromMs: number
  /** The time at which the next worker takes over; null: the turn lasts until the end of the run. */
  untilMs: number | null
  /**
   * The first part of the previous worker's hand-over. `nobody`: the previous worker handed over no users in time. null: the slice had no previous
   * worker, or the run has no hand-overs.
   */
  inherited: HandOverPart | 'nobody' | null
  /** `true` if the run is being stopped. The engine then takes users over only to run their `onStop`, and no other user begins. */
  isStopping?: boolean
}

/** The turn of a worker that runs its slice from the beginning to the end of the run. */
export const wholeTurn: EngineTurn = { fromMs: 0, untilMs: null, inherited: null }

export type Fate = 'carried' | 'pending' | 'left' | 'anew' | 'planned'

/** The state of the users that a worker takes over. */
export class Inheritance {
  readonly #fates = new Map<number, Fate>()
  readonly #nobody: boolean
  /** The users whose previous life had passed its planned end, but had not ended, when the hand-over began. */
  readonly #ending: readonly number[] = []
  /** The users in the first part of the hand-over. They can continue immediately. */
  readonly carried: CarriedUser[] = []

  constructor({ inherited }: EngineTurn) {
    this.#nobody = inherited === 'nobody'
    if (inherited === 'nobody' || inherited === null) return
    for (const index of inherited.pending) this.#fates.set(index, 'pending')
    for (const index of inherited.left) this.#fates.set(index, 'left')
    for (const index of inherited.anew) this.#fates.set(index, 'anew')
    this.carried = usersIn(inherited)
    this.#ending = inherited.ending
    for (const { index } of this.carried) this.#fates.set(index, 'carried')
  }

  /** Returns what happens in this worker to a user whose life began in an earlier worker. */
  fateOf(index: number): Fate {
    return this.#fates.get(index) ?? (this.#nobody ? 'anew' : 'planned')
  }

  /**
   * Returns the users whose previous life has passed its planned end, but has not ended in the previous worker yet.
   * @param heirs the users whose current life this worker continues
   */
  endingBut(heirs: ReadonlyMap<number, unknown>): number[] {
    const pending = [...this.#fates].flatMap(([index, fate]) => (fate === 'pending' ? [index] : []))
    return [...this.#ending, ...pending.filter((index) => !heirs.has(index))]
  }
}

/** Returns the users of a part. Users that cannot be decoded are left out. */
export function usersIn({ carried }: HandOverPart): CarriedUser[] {
  return carried.flatMap((bytes) => {
    try {
      return [unpacked(bytes)]
    } catch {
      // The user cannot continue, so it starts from the beginning in this worker.
      return []
    }
  })
}
