import type { Fleet, FleetSlice } from './fleet.ts'

/** The time span in which one attempt runs a slice, in milliseconds since the start. */
export interface Turn {
  attempt: number
  fromMs: number
  /** The time at which the next attempt takes over the slice; null: the turn lasts until the run's end. */
  untilMs: number | null
}

/** Returns the turn of an attempt. Returns undefined if only later attempts may run the slice, or if the run ends before the turn begins. */
export function turnOf(fleet: Fleet, slice: FleetSlice, attempt: number): Turn | undefined {
  const { floor } = slice
  if (attempt < floor.attempt) return undefined
  const fromMs = attempt === floor.attempt ? floor.sinceMs : boundary(fleet, slice, attempt - floor.attempt)
  if (fromMs === null) return undefined
  return { attempt, fromMs, untilMs: boundary(fleet, slice, attempt - floor.attempt + 1) }
}

/** Returns the number of the attempt that runs a slice at a moment. This number is the floor, plus 1 for each hand-over since the floor was set. */
export function attemptAt(fleet: Fleet, slice: FleetSlice, atMs: number): number {
  const { floor } = slice
  return floor.attempt + Math.max(0, changesBy(fleet, slice, atMs) - changesBy(fleet, slice, floor.sinceMs))
}

/** Returns the number of hand-overs of all slices in a whole run. Returns 0 for a run without a planned end, because the number is then unknown. */
export function handOversOf(fleet: Fleet): number {
  const { endMs } = fleet.profile
  if (endMs === null) return 0
  return fleet.slices.reduce((sum, slice) => sum + changesBy(fleet, slice, endMs), 0)
}

/**
 * Returns the time of the k-th hand-over after the floor was set; `k` begins at 1. Returns null if the users are never handed over, or if the run
 * ends before that hand-over.
 */
function boundary(fleet: Fleet, slice: FleetSlice, k: number): number | null {
  const { handOverMs, floor } = slice
  if (handOverMs === null || fleet.intervalMs === null) return null
  const atMs = handOverMs + (changesBy(fleet, slice, floor.sinceMs) + k - 1) * fleet.intervalMs
  const { endMs } = fleet.profile
  return endMs === null || atMs < endMs ? atMs : null
}

/** Returns whether the users of a slice are handed over at the moment `atMs`. */
export function isHandOver({ intervalMs }: Fleet, { handOverMs }: FleetSlice, atMs: number): boolean {
  if (handOverMs === null || intervalMs === null || atMs < handOverMs) return false
  return (atMs - handOverMs) % intervalMs === 0
}

/** Returns the number of hand-overs of a slice until `atMs`. A hand-over exactly at `atMs` is counted. */
function changesBy({ intervalMs, profile: { endMs } }: Fleet, { handOverMs }: FleetSlice, atMs: number): number {
  if (handOverMs === null || intervalMs === null || atMs < handOverMs) return 0
  const untilMs = endMs === null ? atMs : Math.min(atMs, lastBefore(endMs, handOverMs, intervalMs))
  return untilMs < handOverMs ? 0 : 1 + Math.floor((untilMs - handOverMs) / intervalMs)
}

/** Returns the last of the moments `firstMs + k × everyMs` before `endMs`. */
function lastBefore(endMs: number, firstMs: number, everyMs: number): number {
  return firstMs + (Math.ceil((endMs - firstMs) / everyMs) - 1) * everyMs
}
