import { StringDecoder } from 'node:string_decoder'

/** The maximum number of lines per second that burst shows for each output stream (stdout, stderr) of a thread. Further lines are dropped. */
const linesPerSecond = 100
/** The maximum number of characters of a line that burst shows. */
const lineCap = 2000
/**
 * The maximum number of characters of a line that burst keeps in memory. Secrets are masked before the line is shortened to `lineCap`. If the line
 * were shortened first, it could end with a part of a secret, which burst would not recognise.
 */
const heldCap = 65_536
// Saved before user code can replace `performance.now`.
const now = performance.now.bind(performance)

export interface UserOutput {
  /**
   * Starts to show printed lines. Earlier lines, which the scenario printed while it was loaded, are not shown, because the planning process has
   * already shown them.
   */
  open(): void
  /** Shows an incomplete last line. */
  flush(): void
}

interface OutputRules {
  /** The prefix of each line. It names the source of the line. */
  prefix: string
  /** Returns a string in which secrets are masked. */
  masked: (text: string) => string
  /** `true` if burst shows printed lines from the start. */
  open: boolean
}

/**
 * Captures what user code prints in this thread, with `console.log` or directly to stdout and stderr. Prints each line with a prefix and without
 * secrets, and limits the number and the length of lines.
 */
export function guardOutput({ prefix, masked, open }: OutputRules): UserOutput {
  const state = { open }
  const guards = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream)
    const lines = new BoundedLines(masked, (line) => void write(`${prefix}${line}\n`))
    stream.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      if (state.open) lines.take(decoded(chunk, encoding))
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') queueMicrotask(() => (callback as () => void)())
      return true
    }
    return lines
  })
  return {
    open: () => void (state.open = true),
    flush: () => {
      for (const lines of guards) lines.flush()
    },
  }
}

/**
 * If the encoding of a string is not UTF-8, returns the bytes that the string represents: `'6869'` in `hex` is `hi`. Returns any other chunk
 * unchanged.
 */
function decoded(chunk: string | Uint8Array, encoding: unknown): string | Uint8Array {
  if (typeof chunk !== 'string' || typeof encoding !== 'string' || !Buffer.isEncoding(encoding)) return chunk
  return /^utf-?8$/i.test(encoding) ? chunk : Buffer.from(chunk, encoding)
}

class BoundedLines {
  readonly #masked: (text: string) => string
  readonly #show: (line: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #begun = ''
  #begunLength = 0
  #second = -1
  #shown = 0

  constructor(masked: (text: string) => string, show: (line: string) => void) {
    this.#masked = masked
    this.#show = show
  }

  take(chunk: string | Uint8Array): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(Buffer.from(chunk))
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#add(text, from, end)
      this.#end()
      from = end + 1
    }
    this.#add(text, from, text.length)
  }

  flush(): void {
    if (this.#begunLength > 0) this.#end()
  }

  #add(text: string, from: number, to: number): void {
    const room = heldCap - this.#begun.length
    if (room > 0) this.#begun += text.slice(from, Math.min(to, from + room))
    this.#begunLength += to - from
  }

  #end(): void {
    const text = this.#masked(this.#begun)
    const more = Math.max(0, text.length - lineCap) + this.#begunLength - this.#begun.length
    const line = more > 0 ? `${text.slice(0, lineCap)}… (${more} more characters)` : text
    this.#begun = ''
    this.#begunLength = 0
    const second = Math.floor(now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#shown = 0
    }
    this.#shown++
    if (this.#shown <= linesPerSecond) this.#show(line.replace(/\r$/, ''))
    else if (this.#shown === linesPerSecond + 1)
      this.#show(`… more than ${linesPerSecond} lines in a second: further lines are not shown`)
  }
}
