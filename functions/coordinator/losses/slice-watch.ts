import type { FleetSlice } from '../../../core/fleet/fleet.ts'

/** Attempts of one slice within `attemptsMs` at most, without those that take over in their turn. */
export const mostAttempts = 3
export const attemptsMs = 10 * 60_000
/** What the coordinator knows of one slice. */
export interface SliceWatch {
  slice: number
  /** The attempt that is expected to run it. */
  attempt: number
  /** The attempt's invocation was accepted. */
  launched: boolean
  claimed: boolean
  /** Something that the attempt sent has been merged. */
  reported: boolean
  /** Everything that an attempt sent has been merged, and it said that it was the last. */
  whole: boolean
  /** Why no more messages are expected from it. */
  lost: string | null
  /** The attempt replaced another one in the same turn. */
  replaces: boolean
  /** When its workers were replaced, epoch milliseconds. */
  replacedAt: readonly number[]
  /** The run was stopped before the attempt could take over: no message is expected from it. */
  abandoned: boolean
}

/** Whether a slice has had as many workers in a row as it may have. */
export function isWornOut({ replacedAt }: Pick<SliceWatch, 'replacedAt'>, nowMs: number): boolean {
  return recently(replacedAt, nowMs).length >= mostAttempts - 1
}

/** Those moments that still count against a slice. */
export function recently(replacedAt: readonly number[], nowMs: number): number[] {
  return replacedAt.filter((at) => nowMs - at < attemptsMs)
}

/** What is kept of a slice for the next coordinator. */
export interface Kept {
  attempt: number
  launched: boolean
  lost: string | null
  replaces: boolean
  replacedAt: readonly number[]
}

/**
 * A slice as a coordinator begins to watch it.
 * @param before `kept`: what an earlier one kept of it; `planned`: it was launched at the beginning of the run; `startAt`: epoch milliseconds
 */
export function watchOf(
  { slice, floor }: Pick<FleetSlice, 'slice' | 'floor'>,
  { kept, planned, startAt }: { kept: Kept | undefined; planned: boolean; startAt: number },
): SliceWatch {
  const fresh = { slice, claimed: false, reported: false, whole: false, abandoned: false }
  const known = kept ?? { attempt: 0, launched: planned, lost: null, replaces: false, replacedAt: [] }
  const { attempt, launched, lost, replaces, replacedAt } = known
  if (floor.attempt <= attempt) return { ...fresh, attempt, launched, lost, replaces, replacedAt }
  // An earlier coordinator was lost after it raised the floor and before it wrote that down.
  const raisedAt = [...replacedAt, startAt + floor.sinceMs]
  return { ...fresh, attempt: floor.attempt, launched: false, lost, replaces: true, replacedAt: raisedAt }
}

/** Whether a slice did not simply run, as far as claims and ledgers do not tell that. */
export function isRemarkable({ attempt, launched, lost, replacedAt }: SliceWatch): boolean {
  return attempt > 0 || !launched || lost !== null || replacedAt.length > 0
}

/** What the next coordinator could not find out by itself. */
export function keptOf(
  { slice, attempt, launched, lost, replaces, replacedAt }: SliceWatch,
  nowMs: number,
): Pick<SliceWatch, 'slice' | 'attempt' | 'launched' | 'lost' | 'replaces'> & { replacedAt: number[] } {
  return { slice, attempt, launched, lost, replaces, replacedAt: recently(replacedAt, nowMs) }
}

/** The attempt after the one that was expected. */
export function nextOf({ attempt }: SliceWatch): Pick<SliceWatch, 'attempt' | 'launched' | 'claimed' | 'reported'> {
  return { attempt: attempt + 1, launched: false, claimed: false, reported: false }
}
