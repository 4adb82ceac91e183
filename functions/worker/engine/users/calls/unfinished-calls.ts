import { greatest } from '../../../../../core/extremes.ts'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { InFlight } from '../context.ts'
import type { AwaitedByUser } from './in-flight.ts'

/** The time after the end of a user, in milliseconds, within which burst must judge the responses that arrived before the user ended. */
const settlingMs = 500

/**
 * Called when a user has ended. Waits until burst has judged the responses that arrived before the user ended. After `settlingMs`, ends the remaining
 * calls without a judgement.
 */
export async function settleUnfinished(calls: AwaitedByUser<InFlight>): Promise<void> {
  if (calls.size === 0) return
  const tooLong = setTimeout(() => {
    for (const call of calls) call.abandon()
  }, settlingMs)
  await Promise.allSettled(calls)
  clearTimeout(tooLong)
}

/** Returns whether there is a call that the scenario could have awaited but did not await. */
export function areForgotten(calls: AwaitedByUser<InFlight>): boolean {
  return [...calls].some((call) => !call.refused && call.isLeft !== true)
}

/**
 * Returns the period in which the user's own code has not called burst. The period began at `awayMs` or at the end of the last call, whichever is
 * later, and lasts until now.
 */
export function awaySince(awayMs: number, calls: AwaitedByUser<InFlight>): { sinceMs: number; askedMs: number } {
  return { sinceMs: greatest(calls, (call) => call.dueMs, awayMs), askedMs: performance.now() }
}
