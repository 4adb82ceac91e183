import { isWindowTold } from '../../../core/shard/told-windows.ts'
import type { Coordination } from '../coordination.ts'
import type { WatchedSlices } from '../slices.ts'

/**
 * Returns whether a window has ended and all its counts have been merged, except counts that can no longer arrive. Returns false if the control file
 * is unknown.
 */
export function hasTold({ plan, env, control }: Coordination, slices: WatchedSlices, window: number): boolean {
  // A worker that has ended by itself counts as having reported all windows, even future windows. The code therefore first checks that the window has
  // ended.
  const endsAt = (control?.startAt ?? Number.POSITIVE_INFINITY) + (window + 1) * plan.windowMs
  if (env.clock.nowMs() < endsAt) return false
  const lost = new Set(slices.watched.filter((one) => one.lost !== null).map(({ slice }) => slice))
  return isWindowTold(window, {
    fleet: slices.fleet(),
    windowMs: plan.windowMs,
    ledgers: Map.groupBy(slices.ledgers, ({ slice }) => slice),
    isLost: (slice) => lost.has(slice),
    isOver: (slice, attempt) => slices.isOver(slice, attempt),
  })
}
