import { inWords } from './values-in-words.ts'

/**
 * Random numbers as a function of keys: the same (seed, user, life, iteration, purpose) gives the same random numbers on every worker. Numbers that
 * were drawn from other streams do not change them. Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded by rounds of MurmurHash3's 32-bit
 * finaliser.
 */
export type Purpose = 'task' | 'wait' | 'user' | 'data' | 'retry' | 'arrival' | 'resample' | 'trace'

const purposes: Record<Purpose, number> = {
  task: 1,
  wait: 2,
  user: 3,
  data: 4,
  retry: 5,
  arrival: 6,
  resample: 7,
  trace: 8,
}

/** The methods of `this.random`. */
export interface Random {
  /** Returns a number in [0, 1). */
  next(): number
  /**
   * Returns a whole number from `low` to `high`, both included. Throws a TypeError if a limit is not a safe integer, and a RangeError if `low` is
   * above `high`.
   */
  int(low: number, high: number): number
  /**
   * Returns one of the items. All items are equally likely. Throws a RangeError for an empty list, and a TypeError for a value that is not a list.
   */
  pick<T>(items: readonly T[]): T
  /**
   * Returns true with the given probability, 0 to 1 (default 0.5). Throws a RangeError for a number outside 0 to 1, and a TypeError for another
   * value.
   */
  chance(share?: number): boolean
}

export class RandomStream implements Random {
  #a = 0
  #b = 0
  #c = 0
  #count = 1

  constructor(a: number, b: number, c: number) {
    this.restart(a, b, c)
  }

  /** Resets the stream. After the reset, the stream returns the same numbers as a new stream with these keys. */
  restart(a: number, b: number, c: number): this {
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    this.#count = 1
    for (let i = 0; i < 12; i++) this.next()
    return this
  }

  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }

  int(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
      throw new TypeError(`random.int() was given ${inWords(low)} and ${inWords(high)} instead of two whole numbers`)
    }
    if (low > high) {
      throw new RangeError(
        `random.int() was given ${low} and ${high}; the lower number comes first: int(${high}, ${low})`,
      )
    }
    return low + Math.floor(this.next() * (high - low + 1))
  }

  pick<T>(items: readonly T[]): T {
    if (!Array.isArray(items)) throw new TypeError(`random.pick() was given ${inWords(items)} instead of a list`)
    if (items.length === 0) throw new RangeError('random.pick() was given an empty list')
    return items[Math.floor(this.next() * items.length)] as T
  }

  chance(share = 0.5): boolean {
    if (!(typeof share === 'number' && share >= 0 && share <= 1)) throw noShare(share)
    return this.next() < share
  }
}

function noShare(share: unknown): Error {
  const words = `random.chance() was given ${inWords(share)} instead of a number from 0 to 1`
  if (typeof share !== 'number') return new TypeError(words)
  return new RangeError(share > 1 && share <= 100 ? `${words}: write ${share / 100} for ${share} %` : words)
}

/**
 * Creates the random stream for a seed, a purpose, and a list of keys, such as user, life and iteration.
 * @param into a stream that is restarted and returned instead of a new stream
 */
export function keyedStream(
  seed: number,
  keys: readonly number[],
  purpose: Purpose,
  into?: RandomStream,
): RandomStream {
  let a = mix(seed, 0x9e3779b9)
  let b = mix(seed, 0x85ebca6b)
  let c = mix(seed, purposes[purpose])
  for (const key of keys) {
    const low = key | 0
    const high = Math.floor(key / 4_294_967_296) | 0
    a = mix(a ^ low, high)
    b = mix(b + low, a)
    c = mix(c ^ a, b)
  }
  return into ? into.restart(a, b, c) : new RandomStream(a, b, c)
}

/** Converts a seed that is a string, e.g. `--seed monday`, to a 32-bit number. The function hashes the string with FNV-1a and mixes the hash. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash, text.length)
}

function mix(value: number, salt: number): number {
  let h = (value ^ Math.imul(salt, 0xcc9e2d51)) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}
