import { type Profile, type ProfilePoint, peakLevel } from './load.ts'

/**
 * Returns the profile of a shape function that was sampled once a second; between two samples the number of users changes linearly. The last sample
 * is held for one second if the function has `ended`; otherwise, it is held until the run is stopped.
 */
export function profileOfSamples(levels: readonly number[], ended: boolean): Profile {
  const points = levels.map((level, second) => ({ atMs: second * 1000, level }))
  const corners = points.filter((point, k) => {
    const before = points[k - 1]
    const after = points[k + 1]
    return !before || !after || point.level - before.level !== after.level - point.level
  })
  return { points: corners, endMs: ended ? levels.length * 1000 : null }
}

/** Returns a ramp from 0 to `peak` at `perSecond`, then a hold until `endMs`. */
export function rampThenHold(peak: number, perSecond: number, endMs: number | null): Profile {
  const top = { atMs: (peak / perSecond) * 1000, level: peak }
  return withEnd({ points: [{ atMs: 0, level: 0 }, top], endMs: null }, endMs ?? undefined)
}

/** Returns a profile with the same times and scaled levels. The greatest level is exactly `peak`. */
export function rescaled(profile: Profile, peak: number): Profile {
  const was = peakLevel(profile)
  const points = profile.points.map(({ atMs, level }) => ({ atMs, level: level === was ? peak : (level * peak) / was }))
  return { ...profile, points }
}

/**
 * Returns the profile with the end `endMs`. Points after `endMs` are cut off. If the profile ends before `endMs`, its last level is held until
 * `endMs`. A last level of 0 is not held, because 0 users are not a load. Instead, a final ramp to 0 is stretched until `endMs`, or the level before
 * a final drop to 0 is held.
 */
export function withEnd(profile: Profile, endMs: number | undefined): Profile {
  if (endMs === undefined) return profile
  const last = profile.points.at(-1)
  if (!last || last.atMs > endMs) return cut(profile, endMs)
  const longer = profile.endMs !== null && profile.endMs < endMs
  return longer && last.level === 0 ? stretched(profile, endMs) : { ...profile, endMs }
}

function cut({ points }: Profile, endMs: number): Profile {
  const kept = points.filter((point) => point.atMs < endMs)
  const a = kept.at(-1)
  const b = points[kept.length]
  if (!a || !b) return { points: kept, endMs }
  const level = a.level + ((b.level - a.level) * (endMs - a.atMs)) / (b.atMs - a.atMs)
  return { points: [...kept, { atMs: endMs, level }], endMs }
}

function stretched({ points }: Profile, endMs: number): Profile {
  const before = points.slice(0, -1)
  const previous = before.at(-1)
  const last = points.at(-1) as ProfilePoint
  if (!previous || previous.level === 0) return { points, endMs }
  const jumps = previous.atMs === last.atMs
  return { points: jumps ? before : [...before, { ...last, atMs: endMs }], endMs }
}
