import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** The maximum number of characters of a printed line. A longer line is cut after this number of characters and gets a `…` at its end. */
const lineCap = 4096
/** The limits per second for the printed lines of all processes of a run together. */
const perSecond = { lines: 1000, characters: 256 * 1024 } as const
/** The time limit in milliseconds for the remaining output of an ended process. */
const drainMs = 300

/** Receives one line of output. */
export type Print = (line: string) => void

/**
 * Limits how much output of a run's processes is shown in a second. The remaining output of that second is not shown. When output arrives in a later
 * second, or when the run ends, prints how much output was not shown.
 */
export class PrintAllowance {
  readonly #print: Print
  readonly #nowMs: () => number
  #second = Number.NaN
  #lines = 0
  #characters = 0
  #dropped = 0

  /** @param nowMs returns the time in milliseconds. Any clock may be used. */
  constructor(print: Print, nowMs: () => number = () => performance.now()) {
    this.#print = print
    this.#nowMs = nowMs
  }

  /** Returns true if one more line may be shown in the current second. Also prints the amount of output that was not shown in an earlier second. */
  get isLeft(): boolean {
    const second = Math.floor(this.#nowMs() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#lines = 0
      this.#characters = 0
      this.#tell()
    }
    return this.#lines < perSecond.lines && this.#characters < perSecond.characters
  }

  show(line: string): void {
    this.#lines++
    this.#characters += line.length
    this.#print(line)
  }

  drop(bytes: number): void {
    this.#dropped += bytes
  }

  /** Prints the amount of output that was not shown since the previous notice. */
  end(): void {
    this.#tell()
  }

  #tell(): void {
    if (this.#dropped === 0) return
    const kb = Math.max(1, Math.round(this.#dropped / 1024)).toLocaleString('en')
    this.#dropped = 0
    this.#print(
      `(${kb} KB more were printed and are not shown: the limit is ${perSecond.lines} lines or 256 KB a second)`,
    )
  }
}

/**
 * Shows the output of a process line by line. Also reads output beyond the limits, so that the process is not blocked. Keeps at most one
 * line of 4,096 characters, and cuts longer lines.
 */
export class PrintedLines {
  readonly #stream: Readable
  readonly #allowance: PrintAllowance
  readonly #ended: Promise<void>
  #decoder = new StringDecoder('utf8')
  #line = ''
  /** `true` while the rest of the current line is skipped. */
  #skipping = false

  constructor(stream: Readable, allowance: PrintAllowance) {
    this.#stream = stream
    this.#allowance = allowance
    this.#ended = new Promise((resolve) => stream.once('close', resolve))
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    // Ignores errors of the pipe, because a pipe has no more output after an error.
    stream.on('error', () => undefined)
  }

  /**
   * Resolves when the output of the process has been shown. Must be called after the process has ended. Waits at most 300 ms for further output,
   * because a child process of the ended process may keep the output open.
   */
  async end(): Promise<void> {
    const late = setTimeout(() => this.#stream.destroy(), drainMs)
    await this.#ended
    clearTimeout(late)
    if (this.#line !== '') this.#finishLine()
  }

  #take(chunk: Buffer): void {
    if (!this.#allowance.isLeft) return this.#drop(chunk)
    let from = 0
    while (from < chunk.length) {
      const end = chunk.indexOf(10, from)
      if (this.#skipping) {
        const next = end < 0 ? chunk.length : end + 1
        this.#allowance.drop(next - from)
        this.#skipping = end < 0
        from = next
        continue
      }
      this.#append(chunk.subarray(from, end < 0 ? undefined : end))
      if (end < 0) return
      this.#finishLine()
      from = end + 1
      if (!this.#allowance.isLeft) return this.#drop(chunk.subarray(from))
    }
  }

  #append(bytes: Buffer): void {
    // The remaining characters of the line need at most this many bytes, because a character has at most four bytes in UTF-8.
    const room = 4 * (lineCap - this.#line.length)
    const before = Buffer.byteLength(this.#line)
    this.#line += this.#decoder.write(bytes.subarray(0, room))
    if (this.#line.length < lineCap) return
    const kept = this.#line.slice(0, lineCap)
    this.#allowance.drop(Math.max(0, before + bytes.length - Buffer.byteLength(kept)))
    this.#line = `${kept}…`
    this.#show()
    this.#skipping = true
  }

  #finishLine(): void {
    if (this.#skipping) {
      this.#skipping = false
      return
    }
    this.#line += this.#decoder.end()
    this.#show()
  }

  #show(): void {
    this.#allowance.show(this.#line.replace(/\r$/, ''))
    this.#line = ''
    this.#decoder = new StringDecoder('utf8')
  }

  #drop(chunk: Buffer): void {
    this.#allowance.drop(chunk.length + this.#line.length)
    this.#line = ''
    this.#decoder = new StringDecoder('utf8')
    if (chunk.length > 0) this.#skipping = chunk.at(-1) !== 10
  }
}
