import type { CountedCall, CountedOutcome } from './counted-call.ts'

/** How many requests a worker keeps, about 200 MB of text. */
const mostSamples = 1_000_000

/**
 * Every finished request of a worker as a line of JSON, with the times before they are rounded for the histograms. Times that the report
 * does not have either are null.
 */
export class SampleLog {
  readonly #startMs: () => number
  readonly #most: number
  readonly #lines: string[] = []
  #leftOut = 0

  /** @param startMs the start of the run on the engine's clock */
  constructor(startMs: () => number, most = mostSamples) {
    this.#startMs = startMs
    this.#most = most
  }

  get kept(): number {
    return this.#lines.length
  }

  /** Requests that were not kept because the log is full. */
  get leftOut(): number {
    return this.#leftOut
  }

  add(
    { plan, exchange, sentMs, calledMs, answeredMs }: CountedCall,
    user: number,
    { response, failure }: CountedOutcome,
  ): void {
    if (this.#lines.length >= this.#most) {
      this.#leftOut++
      return
    }
    const isTimed = failure?.kind !== 'generator'
    this.#lines.push(
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

  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }
}
