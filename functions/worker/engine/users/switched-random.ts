import { type Purpose, type Random, type RandomStream, keyedStream } from '../../../../core/random.ts'
import { refuseSurplus } from '../../../../core/values-in-words.ts'

/**
 * The object `this.random`, which is the same in all iterations. It draws from the stream of the current iteration. This stream is created when the
 * iteration draws for the first time.
 */
export class SwitchedRandom implements Random {
  readonly #seed: number
  readonly #purpose: Purpose
  #keys: readonly number[] | undefined
  #stream: RandomStream | undefined
  #isPresent = false

  constructor(seed: number, purpose: Purpose) {
    this.#seed = seed
    this.#purpose = purpose
  }

  /** Switches to the stream of `keys`. The next draw returns the first number of this stream. */
  turnTo(keys: readonly number[]): void {
    this.#keys = keys
    this.#isPresent = false
  }

  next(): number {
    refuseSurplus(arguments, 0, 'random.next() takes nothing')
    return this.#present().next()
  }

  int(low: number, high: number): number {
    refuseSurplus(arguments, 2, 'random.int() takes the lowest and the highest number')
    return this.#present().int(low, high)
  }

  pick<T>(items: readonly T[]): T {
    refuseSurplus(arguments, 1, 'random.pick() takes a list and returns one of its items')
    return this.#present().pick(items)
  }

  chance(share?: number): boolean {
    return this.#present().chance(share)
  }

  #present(): RandomStream {
    if (this.#isPresent && this.#stream) return this.#stream
    if (!this.#keys)
      throw new Error('random numbers can be drawn only in tasks, onStart and onStop, and not in field initialisers')
    this.#isPresent = true
    this.#stream = keyedStream(this.#seed, this.#keys, this.#purpose, this.#stream)
    return this.#stream
  }
}
