import { planOf } from '../../test/fixtures/run.ts'
import type { RunPlan } from '../../core/plan/plan.ts'

/** The properties of a run that determine the work of its reducers. */
export interface Shape {
  title: string
  workers: number
  names: number
  minutes: number
  /** `true` if the requests of each name are also counted for each second, as in runs of at most an hour. */
  bySecond: boolean
  /** The time, in minutes, after which a worker hands its users over. Null: each worker runs until the end of the run. */
  turnMinutes: number | null
  /**
   * `true` if one worker of each shard sends a message for each window, with the counts of all workers of the shard. The other workers then send
   * messages only for the first and the last window of their turns.
   */
  bundled: boolean
}

export const shapes: Record<'wide' | 'wider' | 'long' | 'longer', Shape> = {
  wide: {
    title: '1,000 workers × 10 names × 10 min',
    workers: 1000,
    names: 10,
    minutes: 10,
    bySecond: true,
    turnMinutes: null,
    bundled: false,
  },
  wider: {
    title: '10,000 workers × 10 names × 2 min',
    workers: 10_000,
    names: 10,
    minutes: 2,
    bySecond: true,
    turnMinutes: null,
    bundled: false,
  },
  long: {
    title: '100 workers × 50 names × 12 h',
    workers: 100,
    names: 50,
    minutes: 720,
    bySecond: false,
    turnMinutes: 10,
    bundled: true,
  },
  longer: {
    title: '50 workers × 5 names × 60 h',
    workers: 50,
    names: 5,
    minutes: 3600,
    bySecond: false,
    turnMinutes: 10,
    bundled: true,
  },
}

export const usersPerWorker = 100
export const windowMs = 5000
export const windowsPerMinute = 60_000 / windowMs

export function planFor({ title, workers, minutes, turnMinutes }: Shape): RunPlan {
  const users = workers * usersPerWorker
  const handOver =
    turnMinutes === null ? {} : { handOver: { intervalMs: turnMinutes * 60_000, aheadMs: 30_000, waitMs: 2000 } }
  return planOf({
    name: title,
    workers,
    users,
    backend: 'aws',
    profile: { points: [{ atMs: 0, level: users }], endMs: minutes * 60_000 },
    words: [title],
    ...handOver,
  })
}

export function shardsOf({ workers }: Shape, { slicesPerShard }: Pick<RunPlan, 'slicesPerShard'>): number {
  return Math.ceil(workers / slicesPerShard)
}
