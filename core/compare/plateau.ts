import type { Report } from '../report/report.ts'

/** The buckets of a run from `from` up to, but not including, `to`. */
export interface BucketSpan {
  from: number
  to: number
}

/**
 * Returns the span from the first to the last bucket with the greatest number of planned users. The span contains only whole buckets, and excludes
 * ramp-up and ramp-down. Inside the span, fewer users may be planned for a time. Returns undefined when no users are planned (always with arrivals),
 * or when the span contains no whole bucket.
 */
export function plateauOf({
  seconds,
  series: { stepS, buckets },
}: Pick<Report, 'seconds' | 'series'>): BucketSpan | undefined {
  const most = seconds.reduce((most, { plannedUsers }) => Math.max(most, plannedUsers), 0)
  if (most === 0) return undefined
  const isMost = ({ plannedUsers }: { plannedUsers: number }): boolean => plannedUsers === most
  const from = Math.ceil(seconds.findIndex(isMost) / stepS)
  const to = Math.min(buckets, Math.floor((seconds.findLastIndex(isMost) + 1) / stepS))
  return to > from ? { from, to } : undefined
}
