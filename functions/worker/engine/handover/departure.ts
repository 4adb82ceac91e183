import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { type HandOverPart, emptyPart } from './carried-user.ts'

/** The delay, in milliseconds, after which the first part is sent. Within this time, all users that are between two iterations are packed. */
const firstMs = 30
/**
 * The interval, in milliseconds, at which later parts are sent. Each part contains the users that have finished their iteration since the previous
 * part.
 */
const laterMs = 100
/** A part with more bytes than this is sent immediately. */
const largePart = 4 * 1024 * 1024
/** The maximum number of bytes that all users of a slice may have together. A user that would exceed this limit begins a new life. */
const mostBytes = 64 * 1024 * 1024

/**
 * What happens to a user that is not handed over. The user begins a new life (`anew`), has left by itself (`left`), or has ended as planned (`over`).
 */
export type Outcome = 'anew' | 'left' | 'over'

/** Sends the users of a slice to the next worker, in parts. */
export class Departure {
  readonly #tell: (part: HandOverPart) => void
  readonly #awaited: Set<number>
  /** The users whose previous life has not ended yet. */
  readonly #ending: Set<number>
  #part: HandOverPart
  #isFirst = true
  #bytes = 0
  #bytesInPart = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  /**
   * Creates the hand-over.
   * @param tell sends a part to the next worker
   * @param awaited the users that have not been handed over and have not ended
   * @param known further fields of the first part: what happened to users that are not in `awaited`, and the counts that the next worker continues.
   * `ending` contains the users whose previous life has not ended yet
   */
  constructor(
    tell: (part: HandOverPart) => void,
    awaited: Iterable<number>,
    {
      ending = [],
      ...known
    }: Partial<Pick<HandOverPart, 'anew' | 'left' | 'ending' | 'exhausted' | 'iterations' | 'made'>>,
  ) {
    this.#tell = tell
    this.#ending = new Set(ending)
    this.#awaited = new Set([...awaited].filter((index) => !this.#ending.has(index)))
    this.#part = { ...emptyPart(), ...known }
    this.#arm(firstMs)
  }

  /**
   * Adds a user.
   * @returns false if the user would exceed the limit for all users of the slice; the user then begins a new life
   */
  carried(index: number, user: Uint8Array<ArrayBuffer>): boolean {
    if (this.#bytes + user.length > mostBytes) return false
    this.#bytes += user.length
    this.#bytesInPart += user.length
    this.#part.carried.push(user)
    this.#awaited.delete(index)
    this.#ending.delete(index)
    if (this.#bytesInPart > largePart) this.#tellNow()
    return true
  }

  /** Records that a life has ended without being handed over. `outcome` is ignored if the life was ending when the hand-over began. */
  gone(index: number, outcome: Outcome): void {
    if (this.#awaited.delete(index)) this.#part[outcome].push(index)
    else if (this.#ending.delete(index) && !this.#isFirst) this.#part.ended.push(index)
  }

  /** Sends the last part. Called when each user has been handed over or has ended. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#part.last = true
    this.#tellNow()
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => {
      const { carried, anew, left, over, ended } = this.#part
      if (this.#isFirst || [carried, anew, left, over, ended].some(({ length }) => length > 0)) this.#tellNow()
      this.#arm(laterMs)
    }, ms)
  }

  #tellNow(): void {
    if (this.#isFirst) Object.assign(this.#part, { pending: [...this.#awaited], ending: [...this.#ending] })
    this.#isFirst = false
    this.#tell(this.#part)
    this.#part = emptyPart()
    this.#bytesInPart = 0
  }
}
