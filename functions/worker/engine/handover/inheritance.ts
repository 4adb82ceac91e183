import { type CarriedUser, type HandOverPart, unpacked } from './carried-user.ts'

/** The turn of an engine's slice: from when on, until when, and whose users it takes over. Moments are milliseconds since the start. */
export interface EngineTurn {
  fromMs: number
  /** When the next worker takes over; null: it runs to the end. */
  untilMs: number | null
  /** What the worker before it handed over first; `nobody`: it handed over nobody; null: there was none. */
  inherited: HandOverPart | 'nobody' | null
}

/** A run, or a slice, from its beginning to its end. */
export const wholeTurn: EngineTurn = { fromMs: 0, untilMs: null, inherited: null }

export type Fate = 'carried' | 'pending' | 'left' | 'anew' | 'planned'

/** What is known of the users that a worker takes over. */
export class Inheritance {
  readonly #fates = new Map<number, Fate>()
  readonly #nobody: boolean
  /** Users that can go on at once. */
  readonly carried: CarriedUser[] = []

  constructor({ inherited }: EngineTurn) {
    this.#nobody = inherited === 'nobody'
    if (inherited === 'nobody' || inherited === null) return
    for (const index of inherited.pending) this.#fates.set(index, 'pending')
    for (const index of inherited.left) this.#fates.set(index, 'left')
    for (const index of inherited.anew) this.#fates.set(index, 'anew')
    this.carried = usersIn(inherited)
    for (const { index } of this.carried) this.#fates.set(index, 'carried')
  }

  /** What is to become of a user in a life that began before this worker took over. */
  fateOf(index: number): Fate {
    return this.#fates.get(index) ?? (this.#nobody ? 'anew' : 'planned')
  }
}

/** What of a part can be read. */
export function usersIn({ carried }: HandOverPart): CarriedUser[] {
  return carried.flatMap((bytes) => {
    try {
      return [unpacked(bytes)]
    } catch {
      // What it was is not known: it stays pending, and begins anew when nothing more comes.
      return []
    }
  })
}
