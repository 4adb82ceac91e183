import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { type HandOverPart, emptyPart } from './carried-user.ts'

/** Milliseconds until the first part is sent. This is enough to pack all users that are between two iterations. */
const firstMs = 30
/** Milliseconds between later parts. Each part holds the users that have finished their iteration since the part before. */
const laterMs = 100
/** A part with more bytes than this is sent at once. */
const largePart = 4 * 1024 * 1024
/** How many bytes all users of a slice may carry together. A user that would exceed this begins a new life. */
const mostBytes = 64 * 1024 * 1024

/**
 * What happens to a user that is not handed over: it begins a new life (`anew`), has left by itself (`left`), or has ended as planned
 * (`over`).
 */
export type Outcome = 'anew' | 'left' | 'over'

/** Sends the users of a slice to the next worker, in parts. */
export class Departure {
  readonly #tell: (part: HandOverPart) => void
  readonly #awaited: Set<number>
  #part: HandOverPart
  #isFirst = true
  #bytes = 0
  #bytesInPart = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  /** @param awaited users on which the parts will report; `known` is about the other users, and goes into the first part */
  constructor(
    tell: (part: HandOverPart) => void,
    awaited: Iterable<number>,
    known: Partial<Pick<HandOverPart, 'left' | 'exhausted' | 'iterations' | 'made'>>,
  ) {
    this.#tell = tell
    this.#awaited = new Set(awaited)
    this.#part = { ...emptyPart(), ...known }
    this.#arm(firstMs)
  }

  /** @returns false if the user would exceed the limit for all users of the slice: then the user begins a new life */
  carried(index: number, user: Uint8Array<ArrayBuffer>): boolean {
    if (this.#bytes + user.length > mostBytes) return false
    this.#bytes += user.length
    this.#bytesInPart += user.length
    this.#part.carried.push(user)
    this.#awaited.delete(index)
    if (this.#bytesInPart > largePart) this.#tellNow()
    return true
  }

  gone(index: number, outcome: Outcome): void {
    if (this.#awaited.delete(index)) this.#part[outcome].push(index)
  }

  /** All users have been packed: the last part is sent. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#part.last = true
    this.#tellNow()
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => {
      const { carried, anew, left, over } = this.#part
      if (this.#isFirst || carried.length + anew.length + left.length + over.length > 0) this.#tellNow()
      this.#arm(laterMs)
    }, ms)
  }

  #tellNow(): void {
    if (this.#isFirst) this.#part.pending = [...this.#awaited]
    this.#isFirst = false
    this.#tell(this.#part)
    this.#part = emptyPart()
    this.#bytesInPart = 0
  }
}
