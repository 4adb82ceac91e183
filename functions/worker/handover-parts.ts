import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** Between two tries of a write that failed, milliseconds. */
const pauseMs = 200

/** One change of hands: the slice, and when, milliseconds since the start. */
export interface Change {
  run: string
  slice: number
  atMs: number
}

type Place = Pick<Environment, 'store' | 'clock' | 'log'>

/** A part that the next worker has taken instead of the one before it: nothing was handed over in it, and nothing will be. */
const given = ''

/**
 * What a worker hands over lies in the store in numbered parts. Each is written once, by whoever is first: the worker that hands over, or the
 * next one when it waits no longer. So a worker that wakes up late finds that its users are not its own any more.
 */
export async function readPart({ store }: Place, change: Change, part: number): Promise<string | undefined> {
  return (await store.get(keyOf(change, part)))?.body
}

/** Waits no longer for a part. @returns undefined, or the part if it has come meanwhile */
export async function giveUpPart(place: Place, change: Change, part: number): Promise<string | undefined> {
  const won = await place.store.put(keyOf(change, part), given, { ifAbsent: true })
  if (won !== undefined) return undefined
  const body = await readPart(place, change, part)
  // The write may have been done twice, and its first answer lost.
  return body === given ? undefined : body
}

/** Writes the parts of one change, in their order. */
export class PartWriter {
  readonly #place: Place
  readonly #change: Change
  readonly #patienceMs: number
  #written: Promise<void> = Promise.resolve()
  #next = 0
  /** The next worker has not waited: the users that are left are not this worker's any more. */
  #refused = false

  constructor(place: Place, change: Change, patienceMs: number) {
    this.#place = place
    this.#change = change
    this.#patienceMs = patienceMs
  }

  /** @param refused called when the next worker did not wait, or the part cannot be written */
  write(body: string, refused: () => void): void {
    const part = this.#next++
    this.#written = this.#written.then(async () => {
      if (this.#refused || (await this.#put(part, body))) return
      this.#refused = true
      refused()
    })
  }

  /** Resolves when all parts are written, or the next worker does not wait for them any more. */
  async done(): Promise<void> {
    await this.#written
  }

  async #put(part: number, body: string): Promise<boolean> {
    const { store, clock, log } = this.#place
    const untilMs = clock.nowMs() + this.#patienceMs
    const key = keyOf(this.#change, part)
    for (;;) {
      try {
        if ((await store.put(key, body, { ifAbsent: true })) !== undefined) return true
        return (await store.get(key))?.body === body
      } catch (error) {
        log('a hand-over could not be written', { key, error: String(error) })
        if (clock.nowMs() > untilMs) return false
      }
      await clock.sleep(pauseMs)
    }
  }
}

function keyOf({ run, slice, atMs }: Change, part: number): string {
  return keys.handover(run, slice, atMs, part)
}
