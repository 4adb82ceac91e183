import { oldestControlMs } from '../../../core/fleet/control.ts'
import type { Timing } from '../../../core/plan/plan.ts'
import { type SliceWatch, isUsedUp, mostAttempts, attemptsMs, recently } from './slice-watch.ts'

/** The reason that the report gives for the loss of a worker that did not claim its slice. */
export const unclaimed = 'the worker did not start in time'

/**
 * If a worker has not claimed its slice this many milliseconds after the claim was due, the worker counts as lost. Exception: a worker that replaces
 * a lost worker may have more time (`claimPatienceOf`).
 */
const claimPatienceMs = 10_000

/**
 * Returns how long the coordinator waits for the claim of a worker after the claim was due, in milliseconds. After this time, the worker counts as
 * lost. For a replacement worker, the time doubles with each recent replacement in the slice. On a busy machine, workers may need longer than
 * `claimPatienceMs` to start. With a longer time, a slow worker can claim the slice before the coordinator gives the slice up.
 */
export function claimPatienceOf({ replaces, replacedAt }: SliceWatch, nowMs: number): number {
  return replaces ? claimPatienceMs * 2 ** recently(replacedAt, nowMs).length : claimPatienceMs
}

export interface Circumstances {
  nowMs: number
  /** The time, in epoch milliseconds, at which the worker's turn begins or began. */
  startAt: number
  /** The time, in epoch milliseconds, at which the worker's claim is due. */
  dueAt: number
  /** The failure of the worker's invocation, if any; `at` is null when the time is unknown. */
  failure: { at: number | null } | undefined
  /** `true` if the worker sends no reports while its shard makes progress. */
  silent: boolean
  /** The time, in epoch milliseconds, at which the load ends; null if the load continues until a person stops the run. */
  endsAt: number | null
  /** The longest time, in milliseconds, that a replaced attempt needs to notice its replacement. The attempt may send requests during this time. */
  noticeMs: number
  /** `true` if users end after a fixed number of iterations. */
  limited: boolean
}

/** The decision about a slice: wait for its worker, replace the worker, or give up the slice. `why` is the reason why the worker is not replaced. */
export type Fate = { fate: 'wait' | 'relaunch' } | { fate: 'give up'; why: string }

/** If a worker's event loop stalls for more than this many milliseconds, the worker reads the control file before it continues. */
const stoodStillMs = 5_000

/**
 * Returns how long a replaced worker that is still alive may take to notice its replacement, in milliseconds. The worker notices when it reads in the
 * control file that the floor of its slice (the lowest attempt that may run the slice) was raised. `untroubledMs` is the time since the store last
 * failed. If the store failed recently, the worker may have been unable to read the control file.
 */
export function noticeOf({ controlPollMs }: Pick<Timing, 'controlPollMs'>, untroubledMs: number): number {
  return untroubledMs < oldestControlMs ? oldestControlMs : controlPollMs + stoodStillMs
}

/** If a worker may have sent requests, it is replaced only if the load lasts for at least `Circumstances.noticeMs` plus this many milliseconds. */
const leastLoadMs = 5_000

const wait: Fate = { fate: 'wait' }

/**
 * Decides what happens to a slice. If the worker failed, is silent, or did not claim the slice in time, the slice is launched again, with two
 * exceptions. (1) If the slice has used up its attempts, the coordinator gives the slice up. (2) If the load ends too soon, or if the number of
 * iterations that the users have done is unknown (`whyNot`), the slice is not launched again. The coordinator waits if the worker is only silent, and
 * otherwise gives the slice up.
 */
export function fateOf(one: SliceWatch, now: Circumstances): Fate {
  if (one.lost !== null || one.whole || !isLost(one, now)) return wait
  if (isUsedUp(one, now.nowMs)) {
    return { fate: 'give up', why: `${mostAttempts} attempts were lost within ${attemptsMs / 60_000} minutes` }
  }
  const why = whyNot(one, now)
  if (why === undefined) return { fate: 'relaunch' }
  // A silent worker is not necessarily lost. If it cannot be replaced (`why`), the coordinator waits, because the silent worker may still report.
  return now.failure || !one.claimed ? { fate: 'give up', why } : wait
}

function isLost(one: SliceWatch, { nowMs, dueAt, failure, silent }: Circumstances): boolean {
  if (failure) return true
  return one.claimed ? silent : nowMs >= dueAt + claimPatienceOf(one, nowMs)
}

/** Returns the reason why a slice is not launched again. Returns undefined if the slice is launched again. */
function whyNot(one: SliceWatch, now: Circumstances): string | undefined {
  const { nowMs, endsAt, noticeMs, limited } = now
  const fresh = hasSentNothing(one, now)
  if (limited && !fresh) return 'it is unknown how many iterations the users of the worker had done'
  const leftMs = (endsAt ?? Infinity) - nowMs
  if (fresh ? leftMs > 0 : leftMs >= noticeMs + leastLoadMs) return undefined
  return 'the load ends too soon to start another worker'
}

/**
 * Returns whether an attempt has sent no requests, because its worker never claimed the slice, or failed before its turn. A failure at an unknown
 * time counts as a failure during the turn.
 */
export function hasSentNothing(
  { claimed, reported }: Pick<SliceWatch, 'claimed' | 'reported'>,
  { failure, startAt }: Pick<Circumstances, 'failure' | 'startAt'>,
): boolean {
  if (!claimed) return true
  const failedAt = failure?.at ?? startAt
  return !reported && failedAt < startAt
}
