import type { Random, RandomStream } from '../../../../core/random.ts'

/** `this.random`: the same object in all iterations; it draws from the stream of the present iteration. */
export class SwitchedRandom implements Random {
  stream: RandomStream | undefined

  next(): number {
    return this.#stream.next()
  }

  int(low: number, high: number): number {
    return this.#stream.int(low, high)
  }

  pick<T>(items: readonly T[]): T {
    return this.#stream.pick(items)
  }

  chance(share?: number): boolean {
    return this.#stream.chance(share)
  }

  get #stream(): RandomStream {
    if (!this.stream)
      throw new Error('random numbers are drawn in tasks, onStart and onStop, not in field initialisers')
    return this.stream
  }
}
