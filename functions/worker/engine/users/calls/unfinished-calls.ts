import { greatest } from '../../../../../core/extremes.ts'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { InFlight } from '../context.ts'
import type { AwaitedByUser } from './in-flight.ts'

/** The time, after a user has ended, in which a response that arrived in time must be judged. Milliseconds. */
const settlingMs = 500

/** Resolves when all calls have been counted that had a response but had not been judged when their user ended. */
export async function settleUnfinished(calls: AwaitedByUser<InFlight>): Promise<void> {
  if (calls.size === 0) return
  const tooLong = setTimeout(() => {
    for (const call of calls) call.abandon()
  }, settlingMs)
  await Promise.allSettled(calls)
  clearTimeout(tooLong)
}

/** Returns whether the scenario did not await one of the calls although it could have awaited it. */
export function areForgotten(calls: AwaitedByUser<InFlight>): boolean {
  return [...calls].some((call) => !call.refused)
}

/** Returns the time in which user code has not called burst: from `awayMs`, or from the end of the last call if that is later, until now. */
export function awaySince(awayMs: number, calls: AwaitedByUser<InFlight>): { sinceMs: number; askedMs: number } {
  return { sinceMs: greatest(calls, (call) => call.dueMs, awayMs), askedMs: performance.now() }
}
