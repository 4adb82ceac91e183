import type { Fleet, FleetSlice } from '../fleet/fleet.ts'
import { attemptAt } from '../fleet/turns.ts'
import { isWhole } from './ledger.ts'
import type { AttemptLedger } from './shard.ts'

/** What is known of the workers of a run. */
export interface Reports {
  fleet: Fleet
  windowMs: number
  /** By slice. */
  ledgers: ReadonlyMap<number, readonly AttemptLedger[]>
  /** The slice is given up: its worker is not waited for. */
  isLost: (slice: number) => boolean
  /** An attempt that died or was replaced: more of it may be missing for ever. */
  isOver: (slice: number, attempt: number) => boolean
}

/** Whether all that the workers counted in a window of the grid has been merged, as far as workers are there that may still send it. */
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

/** A response that ends with the window may be counted a moment later. */
const settlingMs = 1000

/** Messages come in any order; a later second is told of after the last message of the window was sent. */
function hasPassed({ latestSecond, received }: AttemptLedger, endMs: number): boolean {
  return latestSecond * 1000 >= endMs + settlingMs && received.missing.length === 0
}

function endedByItself(last: AttemptLedger | undefined): boolean {
  return last !== undefined && isWhole(last) && last.handedOver !== true
}

/** Whether the attempt whose turn it is at a moment has reported. A replacement that begins later is not waited for. */
function isThere(
  slice: FleetSlice,
  last: AttemptLedger | undefined,
  { endMs, fleet }: { endMs: number; fleet: Fleet },
): boolean {
  const { floor } = slice
  if (floor.attempt > 0 && floor.sinceMs >= endMs) return true
  return last !== undefined && last.attempt >= attemptAt(fleet, slice, endMs - 1)
}
