import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** The pause before a failed write is tried again, in milliseconds. */
const pauseMs = 200

/** One hand-over: the slice, and the time of the hand-over in milliseconds since the start. */
export interface Change {
  run: string
  slice: number
  atMs: number
}

type Place = Pick<Environment, 'store' | 'clock' | 'log'>

/** The content of a part without users. The next worker writes this content when it stops waiting for the previous worker. */
const given = ''

/**
 * Reads a part. Returns undefined if the part has not been written yet. A hand-over is stored in numbered parts, and each part can be written only
 * once. Normally, the previous worker writes the part, with its users. If the next worker stops waiting, the next worker itself writes the part,
 * without users. The previous worker, which may have stalled, then cannot write the part, and stops its users.
 */
export async function readPart({ store }: Place, change: Change, part: number): Promise<string | undefined> {
  return (await store.get(keyOf(change, part)))?.body
}

/**
 * Stops waiting for a part.
 * @returns the part if it has already arrived; otherwise undefined
 */
export async function giveUpPart(place: Place, change: Change, part: number): Promise<string | undefined> {
  const won = await place.store.put(keyOf(change, part), given, { ifAbsent: true })
  if (won !== undefined) return undefined
  const body = await readPart(place, change, part)
  // This worker itself may have written the empty part, if the response to its first write was lost.
  return body === given ? undefined : body
}

/** Writes the parts of one hand-over, in order. */
export class PartWriter {
  readonly #place: Place
  readonly #change: Change
  readonly #patienceMs: number
  #written: Promise<void> = Promise.resolve()
  #next = 0
  /** `true` if the next worker has stopped waiting, or if a part could not be written. After that, no further part is written. */
  #refused = false

  constructor(place: Place, change: Change, patienceMs: number) {
    this.#place = place
    this.#change = change
    this.#patienceMs = patienceMs
  }

  /**
   * Writes the next part.
   * @param refused called when the next worker has stopped waiting, or the part cannot be written
   */
  write(body: string, refused: () => void): void {
    const part = this.#next++
    this.#written = this.#written.then(async () => {
      if (this.#refused || (await this.#put(part, body))) return
      this.#refused = true
      refused()
    })
  }

  /** Resolves when all parts are written, when the next worker has stopped waiting, or when a part could not be written. */
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
