import { type Profile, type ProfilePoint, levelAt } from '../../plan/load/load.ts'
import { levelBefore } from './epoch.ts'

/** A time without load. Users finish their iteration, keep their state, and begin the next iteration when the run continues. */
export interface Pause {
  /** The beginning of the pause in milliseconds since the start; always a whole second. */
  fromMs: number
  /** When and how the users come back; null until a person continues the run. */
  back: Return | null
}

/** The end of a pause. Users come back one after another, in the order of their numbers; arrivals return to their rate immediately. */
export interface Return {
  /** The time at which the first user comes back, in milliseconds since the start; always a whole second. */
  atMs: number
  /** The time in milliseconds over which the users come back; 0: all users come back together. */
  overMs: number
  /** How many users come back one after another within `overMs`. All other users come back together at the end of this time. */
  users: number
}

/** Returns the load profile with a pause. The level is 0 until the run continues, and then at most the number of users that have come back. */
export function withPause(before: Profile, { fromMs, back }: Pause): Profile {
  if (before.endMs !== null && before.endMs <= fromMs) return before
  const points = [
    ...before.points.filter(({ atMs }) => atMs < fromMs),
    { atMs: fromMs, level: levelBefore(before, fromMs) },
    { atMs: fromMs, level: 0 },
    ...(back ? [{ atMs: back.atMs, level: 0 }, ...returning(before, back)] : []),
  ]
  return { points: points.filter((one, k) => !isSame(one, points[k - 1])), endMs: before.endMs }
}

/** Returns the points of the load profile after a pause. The first point is at the time at which the first user comes back. */
function returning(before: Profile, back: Return): ProfilePoint[] {
  const backMs = back.atMs + back.overMs
  const within = back.overMs > 0 ? piecesIn(before, back.atMs, backMs).flatMap((piece) => lower(piece, back)) : []
  const later = before.points.filter(({ atMs }) => atMs > backMs)
  return [...within, { atMs: backMs, level: levelAt({ ...before, endMs: null }, backMs) }, ...later]
}

type Piece = readonly [ProfilePoint, ProfilePoint]

/** Returns the profile between two moments, cut into linear pieces. */
function piecesIn(profile: Profile, fromMs: number, untilMs: number): Piece[] {
  const inner = profile.points.filter(({ atMs }) => atMs > fromMs && atMs < untilMs)
  const first = { atMs: fromMs, level: levelAt({ ...profile, endMs: null }, fromMs) }
  const corners = [first, ...inner, { atMs: untilMs, level: levelBefore(profile, untilMs) }]
  return corners.slice(1).map((corner, k) => [corners[k] as ProfilePoint, corner] as const)
}

/**
 * Returns the points of the load within a piece of the profile. At each moment, the load is the smaller of two values: the level of the profile, and
 * the number of users that have come back.
 */
function lower([a, b]: Piece, back: Return): ProfilePoint[] {
  const [backAtA, backAtB] = [usersBack(back, a.atMs), usersBack(back, b.atMs)]
  const [overA, overB] = [a.level - backAtA, b.level - backAtB]
  const first = { atMs: a.atMs, level: Math.min(a.level, backAtA) }
  const last = { atMs: b.atMs, level: Math.min(b.level, backAtB) }
  if (overA * overB >= 0) return [first, last]
  const share = overA / (overA - overB)
  const level = a.level + share * (b.level - a.level)
  return [first, { atMs: a.atMs + share * (b.atMs - a.atMs), level }, last]
}

function usersBack({ atMs, overMs, users }: Return, nowMs: number): number {
  return (users * (nowMs - atMs)) / overMs
}

function isSame(a: ProfilePoint, b: ProfilePoint | undefined): boolean {
  return b !== undefined && a.atMs === b.atMs && a.level === b.level
}

/**
 * Returns the time in milliseconds since the start at which a user may start an action that is due at `atMs`. If the user is not paused at `atMs`,
 * returns `atMs`. If the user is paused, returns the time at which the user comes back, or Infinity if the end of the pause is not yet known.
 */
export function dueAfterPauses(pauses: readonly Pause[], index: number, atMs: number): number {
  return pauses.reduce((ms, { fromMs, back }) => (ms < fromMs ? ms : Math.max(ms, backAt(back, index))), atMs)
}

function backAt(back: Return | null, index: number): number {
  if (!back) return Number.POSITIVE_INFINITY
  return back.atMs + (index < back.users ? index / back.users : 1) * back.overMs
}

/**
 * Returns the pause that is in effect at a moment; undefined if the run is not paused at this moment. A pause ends when its first user comes back.
 */
export function pauseAt(pauses: readonly Pause[], atMs: number): Pause | undefined {
  return pauses.find(({ fromMs, back }) => fromMs <= atMs && (back === null || atMs < back.atMs))
}

/** Returns the time in milliseconds for which a run was paused between two moments. */
export function pausedMs(pauses: readonly Pause[], fromMs: number, untilMs: number): number {
  return pauses.reduce((sum, pause) => {
    const endMs = pause.back?.atMs ?? Number.POSITIVE_INFINITY
    return sum + Math.max(0, Math.min(untilMs, endMs) - Math.max(fromMs, pause.fromMs))
  }, 0)
}
