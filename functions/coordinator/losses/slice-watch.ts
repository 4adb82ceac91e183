import type { FleetSlice } from '../../../core/fleet/fleet.ts'

/** The maximum number of attempts of one slice within `attemptsMs`, not counting planned hand-overs. */
export const mostAttempts = 3
export const attemptsMs = 10 * 60_000
/** The state of one slice, as observed by the coordinator. */
export interface SliceWatch {
  slice: number
  /** The attempt that is expected to run the slice. */
  attempt: number
  /** `true` if the attempt's invocation was accepted. */
  launched: boolean
  claimed: boolean
  /** `true` if a message of the attempt has been merged. */
  reported: boolean
  /** `true` if all messages of the slice have been merged, and no further message is expected (`isSliceWhole`). */
  whole: boolean
  /** The reason why the slice counts as lost; null if it does not count as lost. No more messages are expected from the attempt of a lost slice. */
  lost: string | null
  /** The time, in epoch milliseconds, at which the slice was given up; null if the slice was not given up or the time is unknown. */
  lostAt: number | null
  /** `true` if the attempt replaced another attempt in the same turn. */
  replaces: boolean
  /** The times, in epoch milliseconds, at which workers of the slice were replaced. */
  replacedAt: readonly number[]
  /** `true` if the run was stopped before the attempt had claimed the slice. In that case, no message is expected from the attempt. */
  abandoned: boolean
}

/** Returns whether a slice has used up its maximum number of attempts within the last `attemptsMs`. The slice is then not launched again. */
export function isUsedUp({ replacedAt }: Pick<SliceWatch, 'replacedAt'>, nowMs: number): boolean {
  return recently(replacedAt, nowMs).length >= mostAttempts - 1
}

/** Returns the times, within the last `attemptsMs`, at which workers of a slice were replaced. */
export function recently(replacedAt: readonly number[], nowMs: number): number[] {
  return replacedAt.filter((at) => nowMs - at < attemptsMs)
}

/** The state of a slice that is stored for the next coordinator. */
export interface Kept {
  attempt: number
  launched: boolean
  lost: string | null
  lostAt: number | null
  replaces: boolean
  replacedAt: readonly number[]
}

/**
 * Returns the state of a slice when a coordinator begins to watch it.
 * @param before `kept`: the state that an earlier coordinator stored; `planned`: whether the slice was launched at the beginning of the run;
 * `startAt`: the start of the run, in epoch milliseconds
 */
export function watchOf(
  { slice, floor }: Pick<FleetSlice, 'slice' | 'floor'>,
  { kept, planned, startAt }: { kept: Kept | undefined; planned: boolean; startAt: number },
): SliceWatch {
  const fresh = { slice, claimed: false, reported: false, whole: false, abandoned: false }
  const known = kept ?? { attempt: 0, launched: planned, lost: null, lostAt: null, replaces: false, replacedAt: [] }
  const { attempt, launched, lost, lostAt, replaces, replacedAt } = known
  if (floor.attempt <= attempt) return { ...fresh, attempt, launched, lost, lostAt, replaces, replacedAt }
  // An earlier coordinator raised the floor, but was lost before it stored the new attempt. The floor contains the number of the new attempt. The
  // new attempt counts as not launched.
  const raisedAt = [...replacedAt, startAt + floor.sinceMs]
  return { ...fresh, attempt: floor.attempt, launched: false, lost, lostAt, replaces: true, replacedAt: raisedAt }
}

/** Returns whether a slice has a history that its claims and ledgers do not show. */
export function hasHistory({ attempt, launched, lost, replacedAt }: SliceWatch): boolean {
  return attempt > 0 || !launched || lost !== null || replacedAt.length > 0
}

/** Returns the facts about a slice that the next coordinator needs and cannot read from claims and ledgers. */
export function keptOf(
  { slice, attempt, launched, lost, lostAt, replaces, replacedAt }: SliceWatch,
  nowMs: number,
): Pick<SliceWatch, 'slice' | 'attempt' | 'launched' | 'lost' | 'lostAt' | 'replaces'> & { replacedAt: number[] } {
  return { slice, attempt, launched, lost, lostAt, replaces, replacedAt: recently(replacedAt, nowMs) }
}

/** Returns the fields of a slice that change when its next attempt becomes the current attempt. */
export function nextOf({ attempt }: SliceWatch): Pick<SliceWatch, 'attempt' | 'launched' | 'claimed' | 'reported'> {
  return { attempt: attempt + 1, launched: false, claimed: false, reported: false }
}
