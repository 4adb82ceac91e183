import type { Turns } from '../health/loop-turns.ts'
import type { ExchangeMeter } from './exchange-meter.ts'
import { SharedMemory } from './shared-memory.ts'

/** The maximum number of bytes of bodies (compressed and decompressed) that are kept at one time for all users of a worker. */
const keptBytesCap = 256 * 1024 * 1024

/**
 * Counts the written hops in shared memory, which the shell can read. Limits the memory of kept bodies. Measures how long received bytes have waited
 * unread.
 */
export class Meter implements ExchangeMeter {
  /** The memory for stream pieces that users have not read yet. */
  readonly streamed = new SharedMemory()
  /** The memory for WebSocket messages that users have not read yet. */
  readonly unread = new SharedMemory()
  /** The memory for WebSocket messages that users have sent and that the connections have not accepted yet. */
  readonly unsent = new SharedMemory()
  readonly #written: Int32Array
  readonly #turns: Turns
  #keptBytes = 0

  /**
   * Creates the meter.
   * @param written an Int32 in shared memory: [0] is the number of hops written so far
   */
  constructor(written: SharedArrayBuffer, turns: Turns) {
    this.#written = new Int32Array(written)
    this.#turns = turns
  }

  wrote(hops: 1 | -1): void {
    this.#written[0] = (this.#written[0] ?? 0) + hops
  }

  waitedMs(nowMs: number): number {
    return this.#turns.waitedMs(nowMs)
  }

  keep(bytes: number): boolean {
    if (this.#keptBytes + bytes > keptBytesCap) return false
    this.#keptBytes += bytes
    return true
  }

  drop(bytes: number): void {
    this.#keptBytes -= bytes
  }
}
