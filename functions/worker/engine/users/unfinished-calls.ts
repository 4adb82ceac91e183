import { greatest } from '../../../../core/extremes.ts'
import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'
import type { Call } from '../http/call.ts'

/** How long after its user's end an answer that came in time may wait for the event loop and for the scenario's schemas. */
const settlingMs = 500

/** Resolves when the calls that had their answer but were not judged when their user ended are counted. */
export async function settleUnfinished(calls: ReadonlySet<Call>): Promise<void> {
  if (calls.size === 0) return
  const tooLong = setTimeout(() => {
    for (const call of calls) call.abandon()
  }, settlingMs)
  await Promise.allSettled(calls)
  clearTimeout(tooLong)
}

/** Whether the scenario could have awaited one of the calls and did not. */
export function areForgotten(calls: ReadonlySet<Call>): boolean {
  return [...calls].some((call) => !call.refused)
}

/** Since when code of a user has not come back to burst, which it did last at `awayMs` or with the end of a call, until now. */
export function awaySince(awayMs: number, calls: ReadonlySet<Call>): { sinceMs: number; askedMs: number } {
  return { sinceMs: greatest(calls, (call) => call.exchange.endMs, awayMs), askedMs: performance.now() }
}
