import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { type HandOverPart, emptyPart } from './carried-user.ts'

/** Milliseconds until the first part is sent: by then all users between two iterations have been packed. */
const firstMs = 30
/** Milliseconds between later parts, which hold the users that have finished their iteration since. */
const laterMs = 100
/** A part that exceeds this size is sent at once, bytes. */
const largePart = 4 * 1024 * 1024
/** How much data all users of a slice may carry together, bytes. Users beyond it begin a new life. */
const mostBytes = 64 * 1024 * 1024

/** What becomes of a user that is not handed over: it begins a new life, has left by itself, or its life has ended as planned. */
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

  /** @param awaited users that follow in a part; `known` is sent at once about the other users */
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

  /** @returns false when the slice's users exceed the limit together: then this user begins a new life */
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
