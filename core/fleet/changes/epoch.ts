import { type Profile, type ProfilePoint, levelAt } from '../../plan/load/load.ts'
import type { Slice, Timing } from '../../plan/plan.ts'

/**
 * A change of the load during the run. burst writes the change to the control file at least `noticeMs` before the change takes effect, and never
 * modifies a written change.
 */
export interface Epoch {
  /**
   * The time at which the epoch takes effect, in milliseconds since the start. This time is the beginning of a window, and is later than the `fromMs`
   * of the previous epoch.
   */
  fromMs: number
  /** The load from `fromMs` until the planned end, as a function of the run's time. Values before `fromMs` are ignored. */
  profile: Profile
  /** The slices of the new users. The numbers of these slices follow the numbers of the existing slices. Existing users keep their slices. */
  slices: Slice[]
}

/** The longest time in milliseconds that a worker may need to read the control file once. A worker starts to read the file every `controlPollMs`. */
const readMs = 1_000

/**
 * Returns the minimum notice of a change, in milliseconds: burst writes the change to the control file at least this long before the change takes
 * effect. Every worker reads the change within this time.
 */
export function noticeMs({ controlPollMs }: Pick<Timing, 'controlPollMs'>): number {
  return readMs + 3 * controlPollMs
}

/**
 * Returns a profile that equals `before` until the epoch begins, and then equals the profile of the epoch. If `before` ends at or before
 * the beginning of the epoch, returns `before`.
 */
export function withEpoch(before: Profile, { fromMs, profile }: Pick<Epoch, 'fromMs' | 'profile'>): Profile {
  if (before.endMs !== null && before.endMs <= fromMs) return before
  const earlier = before.points.filter(({ atMs }) => atMs < fromMs)
  const later = profile.points.filter(({ atMs }) => atMs > fromMs)
  const [first] = later
  // Adds a point with the level 0, because the level is 0 before the first point of a profile.
  if (first && later.length === profile.points.length) later.unshift({ atMs: first.atMs, level: 0 })
  const points = [
    ...earlier,
    { atMs: fromMs, level: levelBefore(before, fromMs) },
    { atMs: fromMs, level: levelAt({ ...profile, endMs: null }, fromMs) },
    ...later,
  ]
  return { points, endMs: profile.endMs === null ? null : Math.max(fromMs, profile.endMs) }
}

/** Makes slices for new users. The first new user has the number `users`. The first new slice has the number `slices`. */
export function addedSlices(
  { users, slices }: { users: number; slices: number },
  added: { users: number; workers: number },
): Slice[] {
  return Array.from({ length: added.workers }, (_, k) => ({
    slice: slices + k,
    first: users + k,
    stride: added.workers,
    count: Math.max(0, Math.ceil((added.users - k) / added.workers)),
  }))
}

/** Returns the level of the profile immediately before a moment. */
export function levelBefore({ points }: Profile, atMs: number): number {
  const next = points.findIndex((point) => point.atMs >= atMs)
  const [a, b] = next === -1 ? [points.at(-1), undefined] : [points[next - 1], points[next] as ProfilePoint]
  if (!a) return 0
  if (!b) return a.level
  return a.level + ((b.level - a.level) * (atMs - a.atMs)) / (b.atMs - a.atMs)
}
