import type { Order, StageProcess } from './stage-process.ts'

/** A pool of processes that are reused. Each carries out one order at a time. A process that fails or dies is replaced at the next order. */
export class WarmProcesses {
  readonly #most: number
  readonly #start: () => StageProcess
  readonly #idle: StageProcess[] = []
  #busy = 0
  #waiting: (() => void)[] = []
  #closed = false

  constructor(most: number, start: () => StageProcess) {
    this.#most = most
    this.#start = start
  }

  async run(order: Order): Promise<unknown> {
    while (this.#busy >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy++
    try {
      const one = this.#take()
      try {
        return await one.run(order)
      } finally {
        this.#give(one)
      }
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  /** Ends all processes; a busy process ends after its order. */
  close(): void {
    this.#closed = true
    for (const one of this.#idle.splice(0)) one.release()
  }

  #take(): StageProcess {
    for (let one = this.#idle.pop(); one; one = this.#idle.pop()) if (one.alive) return one
    return this.#start()
  }

  #give(one: StageProcess): void {
    if (this.#closed) one.release()
    else if (one.alive) this.#idle.push(one)
  }
}
