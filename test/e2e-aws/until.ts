import { setTimeout as sleep } from 'node:timers/promises'

/** The longest time that a step of a run may take, even on a busy machine. */
const patienceMs = 120_000

/**
 * Waits until a function returns a value.
 * @throws an Error that contains `sentence` and the time limit if there is no value within this limit
 */
export async function until<T>(
  found: () => T | undefined | Promise<T | undefined>,
  sentence: string,
  limitMs = patienceMs,
): Promise<T> {
  const endMs = performance.now() + limitMs
  for (;;) {
    const value = await found()
    if (value !== undefined) return value
    if (performance.now() > endMs) throw new Error(`${sentence} within ${limitMs / 1000} s`)
    await sleep(50)
  }
}
