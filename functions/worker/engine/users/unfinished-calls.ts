import { greatest } from '../../../../core/extremes.ts'
import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'
import type { Call } from '../http/call.ts'

/** A response that came in time may wait this long after its user's end for the event loop and for the scenario's schemas. Milliseconds. */
const settlingMs = 500

/** Resolves when all calls are counted that had a response but were not judged when their user ended. */
export async function settleUnfinished(calls: ReadonlySet<Call>): Promise<void> {
  if (calls.size === 0) return
  const tooLong = setTimeout(() => {
    for (const call of calls) call.abandon()
  }, settlingMs)
  await Promise.allSettled(calls)
  clearTimeout(tooLong)
}

/** Whether the scenario failed to await one of the calls although it could have. */
export function areForgotten(calls: ReadonlySet<Call>): boolean {
  return [...calls].some((call) => !call.refused)
}

/** How long user code has not returned to burst: since `awayMs` or the end of the last call, until now. */
export function awaySince(awayMs: number, calls: ReadonlySet<Call>): { sinceMs: number; askedMs: number } {
  return { sinceMs: greatest(calls, (call) => call.exchange.endMs, awayMs), askedMs: performance.now() }
}
