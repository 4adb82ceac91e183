import type { CountedCall, CountedOutcome } from './counted-call.ts'

/** The maximum number of bytes that a worker writes. This is enough for about 800,000 requests. */
const mostBytes = 128 * 1024 * 1024
/** After this number of bytes, the collected lines are handed over, so that only a few lines remain at the end of the run. */
const pieceBytes = 1024 * 1024

/** A piece of the file: some of its lines. */
interface SamplePiece {
  type: 'file'
  ending: 'samples.ndjson'
  text: string
}

/**
 * Writes one line of JSON for each finished request of a worker, until the log is full. The times are more precise than in the report, because the
 * histograms of the report round times. A time is null if the report does not count this time.
 */
export class SampleLog {
  readonly #startMs: () => number
  readonly #tell: (piece: SamplePiece) => void
  readonly #most: number
  #lines: string[] = []
  #bytes = 0
  #handedBytes = 0
  #kept = 0
  #leftOut = 0

  /**
   * Creates the log.
   * @param startMs returns the start of the run on the engine's clock
   * @param tell receives the lines in pieces, in their order
   * @param most the maximum number of bytes of all lines
   */
  constructor(startMs: () => number, tell: (piece: SamplePiece) => void, most = mostBytes) {
    this.#startMs = startMs
    this.#tell = tell
    this.#most = most
  }

  /** The number of requests that have a line. */
  get kept(): number {
    return this.#kept
  }

  /** The number of requests that do not have a line because the log was full. */
  get leftOut(): number {
    return this.#leftOut
  }

  add(
    { plan, exchange, sentMs, calledMs, answeredMs }: CountedCall,
    user: number,
    { response, failure }: CountedOutcome,
  ): void {
    if (this.#leftOut > 0) return void this.#leftOut++
    const isTimed = failure?.kind !== 'generator'
    this.#write(
      JSON.stringify({
        endMs: exchange.endMs - this.#startMs(),
        user,
        method: plan.row.method,
        name: plan.row.name,
        status: response.status,
        failure: failure?.kind ?? null,
        latencyMs: isTimed && sentMs > 0 ? answeredMs - sentMs : null,
        fromIntentMs: isTimed ? answeredMs - Math.min(plan.intentMs, calledMs) : null,
        bytesIn: exchange.bytesIn,
      }),
    )
  }

  /**
   * Writes a line. When a line does not fit, neither this line nor any later line is written, so that the log contains the first requests without
   * gaps.
   */
  #write(line: string): void {
    const bytes = Buffer.byteLength(line) + 1
    if (this.#bytes + bytes > this.#most) return void this.#leftOut++
    this.#bytes += bytes
    this.#kept++
    this.#lines.push(line)
    if (this.#bytes - this.#handedBytes >= pieceBytes) this.handOver()
  }

  /** Hands over the lines that have not been handed over yet. */
  handOver(): void {
    this.#handedBytes = this.#bytes
    const lines = this.#lines
    this.#lines = []
    if (lines.length > 0) this.#tell({ type: 'file', ending: 'samples.ndjson', text: `${lines.join('\n')}\n` })
  }
}
