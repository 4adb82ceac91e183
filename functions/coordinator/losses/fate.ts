import type { Timing } from '../../../core/plan/plan.ts'
import { type SliceWatch, isWornOut, mostAttempts, attemptsMs } from './slice-watch.ts'

/** A worker that has not claimed its slice so long after the start is taken for lost, milliseconds. */
export const claimPatienceMs = 10_000

export interface Circumstances {
  nowMs: number
  /** When its turn begins or began, epoch milliseconds. */
  startAt: number
  /** When its claim was due at the earliest. */
  dueAt: number
  /** Its invocation failed; `at` is null where it is not known when. */
  failure: { at: number | null } | undefined
  /** It reports nothing while its shard moves on. */
  silent: boolean
  /** When the load ends, epoch milliseconds; null: not before somebody stops the run. */
  endsAt: number | null
  /** An attempt that may still send sees only so much later that it was replaced, milliseconds. */
  noticeMs: number
  /** Users leave after a number of iterations. */
  limited: boolean
}

/** What is to become of a slice: its worker is waited for, replaced, or given up; `why` says why it is not replaced. */
export type Fate = { fate: 'wait' | 'relaunch' } | { fate: 'give up'; why: string }

/** A worker that stood still for less does not notice it and goes on by what it had heard before, milliseconds. */
const stoodStillMs = 5_000
/** A worker that cannot read the control goes on for so long, milliseconds. */
const blindMs = 30_000

/**
 * How long after its floor was raised a worker that is alive must have seen it, milliseconds. `untroubledMs`: how long ago the store last
 * failed; workers may not have been able to read the control then either.
 */
export function noticeOf({ controlPollMs }: Pick<Timing, 'controlPollMs'>, untroubledMs: number): number {
  return untroubledMs < blindMs ? blindMs : controlPollMs + stoodStillMs
}

/** A worker that has sent something is replaced only if the next one has so much of the load left, milliseconds. */
const leastLoadMs = 5_000

const wait: Fate = { fate: 'wait' }

/**
 * What is to become of a slice: one that was not claimed in time, whose worker failed, or that is silent, is launched once more while that
 * makes sense.
 */
export function fateOf(one: SliceWatch, now: Circumstances): Fate {
  if (one.lost !== null || one.whole || !isLost(one, now)) return wait
  if (isWornOut(one, now.nowMs)) {
    return { fate: 'give up', why: `${mostAttempts} attempts were lost within ${attemptsMs / 60_000} minutes` }
  }
  const why = whyNot(one, now)
  if (why === undefined) return { fate: 'relaunch' }
  // Silence alone proves nothing: where it is too late for another worker, this one may still report.
  return now.failure || !one.claimed ? { fate: 'give up', why } : wait
}

function isLost({ claimed }: SliceWatch, { nowMs, dueAt, failure, silent }: Circumstances): boolean {
  if (failure) return true
  return claimed ? silent : nowMs >= dueAt + claimPatienceMs
}

/** Why a slice is not launched again; undefined: it is. */
function whyNot(one: SliceWatch, now: Circumstances): string | undefined {
  const { nowMs, endsAt, noticeMs, limited } = now
  const fresh = hasSentNothing(one, now)
  if (limited && !fresh) return 'how many iterations its users had done is not known'
  const leftMs = (endsAt ?? Infinity) - nowMs
  if (fresh ? leftMs > 0 : leftMs >= noticeMs + leastLoadMs) return undefined
  return 'too little of the load is left'
}

/** Whether an attempt has not sent any load: it was never begun, or its worker failed before its turn. */
export function hasSentNothing(
  { claimed, reported }: Pick<SliceWatch, 'claimed' | 'reported'>,
  { failure, startAt }: Pick<Circumstances, 'failure' | 'startAt'>,
): boolean {
  if (!claimed) return true
  const failedAt = failure?.at ?? startAt
  return !reported && failedAt < startAt
}
