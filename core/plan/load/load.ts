import type { Stage } from '../../authoring/load-stages.ts'

/** A point of the load profile. Between two points the level changes linearly. Two points at the same moment are a jump. */
export interface ProfilePoint {
  atMs: number
  /** The number of users (closed model), or the rate in arrivals per second (open model). */
  level: number
}

/** `endMs: null` means "until the run is stopped". The last level holds until the end. */
export interface Profile {
  points: ProfilePoint[]
  endMs: number | null
}

/** Converts stages to a profile. The profile starts at level 0. */
export function profileOf(stages: readonly Stage[]): Profile {
  const points: ProfilePoint[] = [{ atMs: 0, level: 0 }]
  let atMs = 0
  for (const stage of stages) {
    if (stage.kind === 'arrivals') points.push({ atMs, level: stage.from })
    atMs += stage.ms
    if (stage.kind === 'hold') points.push({ atMs, level: (points.at(-1) as ProfilePoint).level })
    else points.push({ atMs, level: stage.to })
  }
  return { points, endMs: atMs }
}

/** Returns the area under the profile: user-seconds in the closed model, arrivals in the open model. Infinite for a profile without an end. */
export function areaUnder({ points, endMs }: Profile): number {
  const last = points.at(-1)
  if (!last) return 0
  if (endMs === null) return last.level > 0 ? Number.POSITIVE_INFINITY : 0
  const corners = [...points, { atMs: endMs, level: last.level }]
  return corners.slice(1).reduce((sum, b, k) => {
    const a = corners[k] as ProfilePoint
    return sum + ((a.level + b.level) / 2) * (Math.max(0, b.atMs - a.atMs) / 1000)
  }, 0)
}

/**
 * Returns the level at a moment. The level is 0 before the start of the profile, and 0 from the end of the profile on. At a jump, returns the level
 * after the jump.
 */
export function levelAt(profile: Profile, atMs: number): number {
  if (atMs < 0 || (profile.endMs !== null && atMs >= profile.endMs)) return 0
  const next = profile.points.findIndex((point) => point.atMs > atMs)
  if (next === -1) return profile.points.at(-1)?.level ?? 0
  const a = profile.points[next - 1]
  const b = profile.points[next] as ProfilePoint
  if (!a) return 0
  return a.level + ((b.level - a.level) * (atMs - a.atMs)) / (b.atMs - a.atMs)
}

/** Returns the number of users that should be alive at a moment: all users `i` with `levelAt > i`. */
export function usersAt(profile: Profile, atMs: number): number {
  return Math.ceil(levelAt(profile, atMs))
}

/** Returns whether the level is above 0 at each moment after `fromMs` and before `untilMs`. */
export function isLoaded(profile: Profile, fromMs: number, untilMs: number): boolean {
  if (profile.endMs !== null && untilMs > profile.endMs) return false
  // Checks each point, and the middle between each two neighbouring points. The level is linear between two points and never below 0. A level above 0
  // in the middle is therefore above 0 everywhere between the two points.
  const corners = profile.points.filter(({ atMs }) => atMs > fromMs && atMs < untilMs).map(({ atMs }) => atMs)
  const moments = [fromMs, ...corners, untilMs]
  const middles = moments.slice(1).map((atMs, k) => (atMs + (moments[k] as number)) / 2)
  return [...middles, ...corners].every((atMs) => levelAt(profile, atMs) > 0)
}

export function peakLevel(profile: Profile): number {
  return profile.points.reduce((peak, point) => Math.max(peak, point.level), 0)
}

/**
 * Returns the steepest rise of the level between two points, in users per second; Infinity for a jump, and 0 for a level that never rises. The users
 * of a late worker begin at the worker's share of this rate, or more slowly.
 */
export function steepestRise(profile: Profile): number {
  let steepest = 0
  for (const [a, b] of segments(profile)) {
    if (b.level > a.level) steepest = Math.max(steepest, ((b.level - a.level) / (b.atMs - a.atMs)) * 1000)
  }
  return steepest
}

/** One period in which a user should be alive. `untilMs: null` means "until the run is stopped". */
export interface Life {
  fromMs: number
  untilMs: number | null
}

/** Returns the periods in which user `index` should be alive. Every worker computes the same periods. */
export function livesOf(profile: Profile, index: number): Life[] {
  const lives: Life[] = []
  for (const stretch of stretchesOf(profile, index)) {
    const last = lives.at(-1)
    // Joins two periods that meet at a point of the profile, even if the level equals `index` at this point. The level is above `index` at every
    // other moment between the beginning and the end of a period.
    if (last?.untilMs === stretch.fromMs) last.untilMs = stretch.untilMs
    else lives.push(stretch)
  }
  return lives
}

/** Returns the periods in which a user should be alive. A period that crosses a point of the profile is split at this point. */
function* stretchesOf({ points, endMs }: Profile, index: number): Generator<Life> {
  for (const [a, b] of segments({ points })) {
    const [fromMs, untilMs] = stretchOf(a, b, index)
    if (untilMs > fromMs) yield { fromMs, untilMs }
  }
  const last = points.at(-1)
  if (last && last.level > index && endMs !== last.atMs) yield { fromMs: last.atMs, untilMs: endMs }
}

function stretchOf(a: ProfilePoint, b: ProfilePoint, index: number): [number, number] {
  if (a.level <= index && b.level <= index) return [b.atMs, b.atMs]
  return [a.level > index ? a.atMs : crossing(a, b, index), b.level > index ? b.atMs : crossing(a, b, index)]
}

function crossing(a: ProfilePoint, b: ProfilePoint, index: number): number {
  if (b.level === index) return b.atMs
  return a.atMs + ((index - a.level) / (b.level - a.level)) * (b.atMs - a.atMs)
}

function* segments(profile: Pick<Profile, 'points'>): Generator<[ProfilePoint, ProfilePoint]> {
  for (let k = 1; k < profile.points.length; k++) {
    yield [profile.points[k - 1] as ProfilePoint, profile.points[k] as ProfilePoint]
  }
}

/**
 * Returns when arrival `j` (0, 1, 2 …) is due: the time at which the area under the rate reaches `j + 1/2`. At a constant rate, each arrival is
 * therefore in the middle of its interval, and the total number of arrivals is the rounded area. Undefined after the last arrival.
 */
export function arrivalAt(profile: Profile, j: number): number | undefined {
  let area = 0
  for (const [a, b] of ratePieces(profile)) {
    const seconds = (b.atMs - a.atMs) / 1000
    const piece = ((a.level + b.level) / 2) * seconds
    if (area + piece > j + 0.5) return a.atMs + within(a.level, b.level, seconds, j + 0.5 - area) * 1000
    area += piece
  }
  return undefined
}

/** Returns the number of arrivals that are due before a moment (ms). */
export function arrivalsBefore(profile: Profile, atMs: number): number {
  let area = 0
  for (const [a, b] of ratePieces(profile)) {
    if (a.atMs >= atMs) break
    const end = Math.min(atMs, b.atMs)
    const share = (end - a.atMs) / (b.atMs - a.atMs)
    const levelAtEnd = a.level + (b.level - a.level) * share
    area += (((a.level + levelAtEnd) / 2) * (end - a.atMs)) / 1000
  }
  return Math.max(0, Math.ceil(area - 0.5))
}

/**
 * Yields the time spans in which the rate changes linearly. After the last point of the profile, the rate stays constant until the end of the
 * profile, which may be infinite.
 */
function* ratePieces(profile: Profile): Generator<[ProfilePoint, ProfilePoint]> {
  for (const [a, b] of segments(profile)) if (b.atMs > a.atMs) yield [a, b]
  const last = profile.points.at(-1)
  const endMs = profile.endMs ?? Number.POSITIVE_INFINITY
  if (last && last.level > 0 && endMs > last.atMs) yield [last, { atMs: endMs, level: last.level }]
}

/**
 * Returns the number of seconds after which the area under the rate reaches `area`. During these seconds, the rate changes linearly from `from`
 * towards `to`. Uses a form of the quadratic formula that avoids cancellation of digits.
 */
function within(from: number, to: number, seconds: number, area: number): number {
  // At the start of a span whose rate rises from 0, the formula would divide 0 by 0.
  if (area <= 0) return 0
  const slope = (to - from) / seconds
  return (2 * area) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * area)))
}
