/** A number that changes linearly between points in time. Two points with the same time are a jump. */
export type Profile = readonly Point[]

interface Point {
  second: number
  value: number
}

interface Line {
  seconds: number
  from: number
  to: number
}

/** Returns the profile for a list of stages. The profile begins with the value `from`. */
export function profileOf(start: number, from: number, stages: readonly { seconds: number; to: number }[]): Profile {
  const points: Point[] = [{ second: start, value: from }]
  let second = start
  for (const stage of stages) {
    second += stage.seconds
    points.push({ second, value: stage.to })
  }
  return points
}

/** Returns the value just before or just after a given second; 0 outside of the profile. */
function valueAt(profile: Profile, second: number, side: 'before' | 'after'): number {
  const index =
    side === 'after'
      ? profile.findLastIndex((one) => one.second <= second)
      : profile.findIndex((one) => one.second >= second)
  const near = profile[index]
  const other = profile[side === 'after' ? index + 1 : index - 1]
  if (!near || !other) return 0
  if (near.second === second) return near.value
  return near.value + ((other.value - near.value) * (second - near.second)) / (other.second - near.second)
}

/** Returns the sum of profiles as linear segments, beginning at 0 s. */
export function sumOf(profiles: readonly Profile[]): Line[] {
  const moments = [...new Set([0, ...profiles.flatMap((profile) => profile.map(({ second }) => second))])].toSorted(
    (a, b) => a - b,
  )
  const total = (second: number, side: 'before' | 'after'): number =>
    round(profiles.reduce((sum, profile) => sum + valueAt(profile, second, side), 0))
  return moments.slice(0, -1).map((second, index) => {
    const end = moments[index + 1] ?? second
    return { seconds: end - second, from: total(second, 'after'), to: total(end, 'before') }
  })
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

export function highest(profile: Profile): number {
  return Math.max(0, ...profile.map(({ value }) => value))
}
