import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { type HandOverPart, emptyPart } from './carried-user.ts'

/** Users that are between two iterations have come in after this time; it is when the first part is told, milliseconds. */
const firstMs = 30
/** So often others are told of that have finished their iteration, milliseconds. */
const laterMs = 100
/** A part that is larger is told at once, bytes. */
const largePart = 4 * 1024 * 1024
/** What all users of a slice may carry, bytes; those beyond it begin anew. */
const mostBytes = 64 * 1024 * 1024

/** What became of a user whose worker hands over: it begins a new life, has left by itself, or its life has ended as planned. */
export type Outcome = 'anew' | 'left' | 'over'

/** Tells the next worker of a slice about its users, in parts. */
export class Departure {
  readonly #tell: (part: HandOverPart) => void
  readonly #awaited: Set<number>
  #part: HandOverPart
  #isFirst = true
  #bytes = 0
  #bytesInPart = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  /** @param awaited users that will come; `known` is what can be said of others at once */
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

  /** @returns false when it is too much: then the user begins anew */
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

  /** All have come: the last part is told. */
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
