import { greatest } from '../../../../../core/extremes.ts'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import type { InFlight } from '../context.ts'
import type { AwaitedByUser } from './in-flight.ts'

/** The time limit for judging a response that arrived before its user ended. Milliseconds after the end of the user. */
const settlingMs = 500

/** Waits for the calls of an ended user whose responses arrived in time but were not yet judged. Resolves when these calls have been counted. */
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
 * Returns the time in which user code has not called burst. It begins at `awayMs` or at the end of the last call, whichever is later, and ends now.
 */
export function awaySince(awayMs: number, calls: AwaitedByUser<InFlight>): { sinceMs: number; askedMs: number } {
  return { sinceMs: greatest(calls, (call) => call.dueMs, awayMs), askedMs: performance.now() }
}
