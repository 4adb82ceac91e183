import { openSync, readSync } from 'node:fs'

/** The minimum time between two readings, in milliseconds. A reading takes about 4 µs, so the readings use less than 1 % of a core. */
const readEveryMs = 0.5
const space = ' '.charCodeAt(0)
const zero = '0'.charCodeAt(0)

/**
 * Measures how long this thread waits for a core: the thread is ready to run, but the operating system runs other threads on all cores. If a wait
 * for a core follows a wait for events, the event loop counts both waits as idle. On Linux, the measured time is the second number in
 * `/proc/thread-self/schedstat` (see proc(5)). On other systems, and if the file cannot be opened, the measured time is always 0. Only the thread
 * that created an instance may use that instance.
 */
export class CoreWait {
  readonly #file = (own ??= openOwn())
  readonly #line = Buffer.alloc(80)
  #readMs = Number.NEGATIVE_INFINITY
  #totalMs = 0

  /**
   * Returns how long this thread has waited for a core since the thread began, in milliseconds. The result is up to 0.5 ms old. `nowMs` is the
   * current time on the engine's clock.
   */
  totalMs(nowMs: number): number {
    if (this.#file === 'missing' || nowMs - this.#readMs < readEveryMs) return this.#totalMs
    this.#readMs = nowMs
    const length = readSync(this.#file, this.#line, 0, this.#line.length, 0)
    this.#totalMs = secondNumber(this.#line, length) / 1e6
    return this.#totalMs
  }
}

/** The schedstat file of this thread. It is opened only once, although the warm-up creates a second engine in the same thread. */
let own: number | 'missing' | undefined

function openOwn(): number | 'missing' {
  try {
    return openSync('/proc/thread-self/schedstat', 'r')
  } catch {
    // Only Linux has this file, and some kernels are built without it. Without the file, waits for a core are not measured (see docs/report.md).
    return 'missing'
  }
}

/** Reads the number after the first space. Does not create a string, because this function runs up to 2,000 times per second. */
function secondNumber(line: Buffer, length: number): number {
  let value = 0
  for (let at = line.indexOf(space) + 1; at < length && line[at] !== space; at++) {
    value = value * 10 + (line[at] as number) - zero
  }
  return value
}
