import type { RouteRow } from '../counting/recorder.ts'

/**
 * The minimum time, in milliseconds, for which an overdue request has been open. If requests of the same name were answered, the minimum is twice the
 * greatest latency of these requests, but at least `beside`. If no request of the name was answered, the minimum is `alone`.
 */
const least = { beside: 5_000, alone: 10_000 }

/** Returns whether a request that was called at `calledMs` has been open for much longer than the answered requests of the same name were. */
export function isOverdue(calledMs: number, { greatestMs }: Pick<RouteRow, 'greatestMs'>, nowMs: number): boolean {
  return nowMs - calledMs > (greatestMs === 0 ? least.alone : Math.max(least.beside, 2 * greatestMs))
}
