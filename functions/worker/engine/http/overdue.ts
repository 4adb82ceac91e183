import type { RouteRow } from '../counting/recorder.ts'

/**
 * The limits, in milliseconds, after which an open request is overdue. If requests of the same name were answered, the limit is twice the greatest
 * latency of these requests, but at least `beside`. If no request of this name was answered, the limit is `alone`.
 */
const least = { beside: 5_000, alone: 10_000 }

/** Returns whether a request is overdue. The user made the request at `calledMs`. */
export function isOverdue(calledMs: number, { greatestMs }: Pick<RouteRow, 'greatestMs'>, nowMs: number): boolean {
  return nowMs - calledMs > (greatestMs === 0 ? least.alone : Math.max(least.beside, 2 * greatestMs))
}
