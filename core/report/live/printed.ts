import * as v from 'valibot'
import { decode } from '../../input/decode.ts'

/** The last lines that the scenario of a run printed, with `console.log` or in another way. */
export interface Printed {
  lines: PrintedLine[]
  /** The number of earlier lines that were dropped. */
  before: number
}

export interface PrintedLine {
  /** Epoch milliseconds. */
  at: number
  /** The source of the line, such as `worker 1`, `beforeRun` or `afterRun`; null if the line has no prefix, because there is only one worker. */
  by: string | null
  text: string
}

/**
 * The maximum number of stored lines, and the maximum number of characters of all stored lines together, including their prefixes. The page loads and
 * shows all stored lines.
 */
export const printedCaps = { lines: 200, characters: 128 * 1024 } as const

/** Keeps the last lines that a run printed. */
export class LastPrinted {
  readonly #lines: PrintedLine[] = []
  #characters = 0
  #before = 0

  /** @param line the line, including its prefix if it has one, such as `[worker 1] hello` */
  add(line: string, at: number): void {
    const [whole, by = null] = /^\[(worker \d+|beforeRun|afterRun)\] /.exec(line) ?? ['']
    this.#lines.push({ at, by, text: line.slice(whole.length) })
    this.#characters += line.length
    while (this.#lines.length > printedCaps.lines || this.#characters > printedCaps.characters) {
      const { by: origin, text } = this.#lines.shift() as PrintedLine
      this.#characters -= text.length + (origin === null ? 0 : origin.length + 3)
      this.#before++
    }
  }

  get printed(): Printed {
    return { lines: [...this.#lines], before: this.#before }
  }
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const printed = v.object({
  lines: v.pipe(
    v.array(v.object({ at: v.number(), by: v.nullable(v.pipe(v.string(), v.maxLength(40))), text: v.string() })),
    v.maxLength(printedCaps.lines),
  ),
  before: count,
})

/**
 * Decodes stored lines.
 * @throws BurstError that names the fault and its place in the JSON
 */
export function decodePrinted(text: string): Printed {
  return decode(printed, text, 'the printed output of the scenario')
}
