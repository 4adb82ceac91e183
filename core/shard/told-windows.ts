import type { Fleet, FleetSlice } from '../fleet/fleet.ts'
import { attemptAt } from '../fleet/turns.ts'
import { isWhole } from './ledger.ts'
import type { AttemptLedger } from './shard.ts'

/** The data that shows which counts the workers of a run have sent. */
export interface Reports {
  fleet: Fleet
  windowMs: number
  /** The ledgers of the attempts, by slice. */
  ledgers: ReadonlyMap<number, readonly AttemptLedger[]>
  /** Returns whether the coordinator has given up the slice. burst does not wait for the worker of such a slice. */
  isLost: (slice: number) => boolean
  /** Returns whether an attempt died or was replaced. burst does not wait for further messages of such an attempt. */
  isOver: (slice: number, attempt: number) => boolean
}

/** Returns whether everything that the workers counted in a window has been merged. Ignores counts that can no longer arrive. */
export function isWindowTold(window: number, reports: Reports): boolean {
  const endMs = (window + 1) * reports.windowMs
  return reports.fleet.slices.every((slice) => hasTold(slice, endMs, reports))
}

function hasTold(slice: FleetSlice, endMs: number, reports: Reports): boolean {
  if (slice.fromMs >= endMs || reports.isLost(slice.slice)) return true
  const all = reports.ledgers.get(slice.slice) ?? []
  const speaking = all.filter(({ attempt }) => !reports.isOver(slice.slice, attempt))
  if (!speaking.every((ledger) => isWhole(ledger) || hasPassed(ledger, endMs))) return false
  const last = speaking.reduce<AttemptLedger | undefined>((a, b) => (a && a.attempt > b.attempt ? a : b), undefined)
  return endedByItself(last) || isThere(slice, last, { endMs, fleet: reports.fleet })
}

/** The maximum time in milliseconds from the end of a window until the worker has counted the last response that arrived in this window. */
const settlingMs = 1000

/**
 * Returns `true` if two conditions hold: the worker has reported a second that begins at least `settlingMs` after the end of the window, and every
 * message before the last merged message of the worker has been merged. A worker sends its last message about the window before it sends counts of
 * later seconds, but messages may arrive in any order.
 */
function hasPassed({ latestSecond, received }: AttemptLedger, endMs: number): boolean {
  return latestSecond * 1000 >= endMs + settlingMs && received.missing.length === 0
}

function endedByItself(last: AttemptLedger | undefined): boolean {
  return last !== undefined && isWhole(last) && last.handedOver !== true
}

/**
 * Returns `true` if the attempt that runs the slice at the end of the window, or a later attempt, has sent a message. Also returns `true` if a lost
 * worker was replaced and the replacement does not begin before the end of the window.
 */
function isThere(
  slice: FleetSlice,
  last: AttemptLedger | undefined,
  { endMs, fleet }: { endMs: number; fleet: Fleet },
): boolean {
  const { floor } = slice
  if (floor.attempt > 0 && floor.sinceMs >= endMs) return true
  return last !== undefined && last.attempt >= attemptAt(fleet, slice, endMs - 1)
}
