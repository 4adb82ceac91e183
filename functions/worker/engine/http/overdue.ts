import type { RouteRow } from '../counting/recorder.ts'

/**
 * A request is overdue if it has been open for more than this time, in milliseconds. If requests of the same name were answered, the time is twice
 * the greatest latency of these requests, but at least `beside`. If no request of the name was answered, the time is `alone`.
 */
const least = { beside: 5_000, alone: 10_000 }

/** Returns whether a request is overdue. The user made the request at `calledMs`. */
export function isOverdue(calledMs: number, { greatestMs }: Pick<RouteRow, 'greatestMs'>, nowMs: number): boolean {
  return nowMs - calledMs > (greatestMs === 0 ? least.alone : Math.max(least.beside, 2 * greatestMs))
}
