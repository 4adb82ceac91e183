import { packedOf } from '../histograms/place-counts.ts'

/**
 * The digits of whole numbers in a JSON string. The numbers are in little-endian base 32, with one base64url character per digit, so the string does
 * not need escapes. The last digit of a number is one of the first 32 characters. Every earlier digit is one of the other 32 characters. A number
 * below 32 has one character.
 */
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Uint8Array(128).fill(255)
for (let k = 0; k < characters.length; k++) values[characters.charCodeAt(k)] = k

/** @param number from 0 to 2^53 − 1 */
export function numberText(number: number): string {
  if (number < 32) return characters[number] as string
  let text = ''
  let left = number
  for (; left >= 32; left = Math.floor(left / 32)) text += characters[(left % 32) + 32]
  return text + characters[left]
}

/** Reads numbers in the form of `numberText`, one after another. */
export class NumberReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  /**
   * Reads the next number.
   * @throws RangeError when the string ends in the middle of a number, or when the next characters are not a number
   */
  next(): number {
    let number = 0
    for (let size = 1; size < 2 ** 55; size *= 32) {
      const value = values[this.#text.charCodeAt(this.#at++)] ?? 255
      if (value > 63) break
      number += (value % 32) * size
      if (value < 32) return checked(number)
    }
    throw new RangeError('a number is cut short, is too long, or contains invalid characters')
  }
}

function checked(number: number): number {
  if (number > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too large')
  return number
}

/**
 * Reads places and counts to the end of the string. The string has two numbers for each place: the number of empty places before this place, and the
 * count. Returns one list of places in ascending order. Each place is followed by its count.
 * @param places the number of places of the histogram
 * @throws RangeError when the string does not have this form, or a place is not below `places`
 */
export function readPlaces(reader: NumberReader, places: number): Uint32Array | Float64Array {
  const packed: number[] = []
  let next = 0
  while (!reader.done) {
    const place = next + reader.next()
    const count = reader.next()
    if (place >= places || count === 0) throw new RangeError('a bin has no values, or an index beyond the last bin')
    packed.push(place, count)
    next = place + 1
  }
  return packedOf(packed)
}
