import type { Order, StageProcess } from './stage-process.ts'

/**
 * A few processes that are reused. Each process carries out any number of orders at the same time. A process that has ended is replaced when the next
 * order arrives.
 */
export class SharedProcesses {
  readonly #most: number
  readonly #start: () => StageProcess
  #processes: StageProcess[] = []
  #closed = false

  constructor(most: number, start: () => StageProcess) {
    this.#most = most
    this.#start = start
  }

  /**
   * Sends the order to the process with the fewest orders. If every process has orders and there are fewer than `most` processes, starts a new
   * process for the order.
   */
  async run(order: Order): Promise<unknown> {
    const one = this.#leastBusy()
    try {
      return await one.run(order)
    } finally {
      if (this.#closed) releaseIfIdle(one)
    }
  }

  /** Tells all processes to exit. A busy process exits after its last order. */
  close(): void {
    this.#closed = true
    for (const one of this.#processes) releaseIfIdle(one)
  }

  #leastBusy(): StageProcess {
    this.#processes = this.#processes.filter((one) => one.alive)
    const [first] = this.#processes.toSorted((a, b) => a.orders - b.orders)
    if (first && (first.orders === 0 || this.#processes.length >= this.#most)) return first
    const started = this.#start()
    this.#processes.push(started)
    return started
  }
}

function releaseIfIdle(one: StageProcess): void {
  if (one.orders === 0) one.release()
}
