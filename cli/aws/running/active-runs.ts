import { BurstError } from '../../../core/errors.ts'
import { decodeControl } from '../../../core/fleet/control.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import type { StopHow } from '../../local-runs/stop.ts'
import type { Cloud } from '../cloud.ts'

type Place = Pick<Cloud, 'store' | 'clock'>

const activePrefix = keys.active('')
/** The key of the object in the store that halts all runs. While the object exists, no run starts. */
export const halt = keys.active('halt')

/** A run with the mark `active/<run>` in the store. The run was started; the coordinator removes the mark after it has made the report. */
export interface ActiveRun {
  run: string
  /**
   * `true` if the coordinator's lease has not expired. Also true if the control file cannot be read, because a coordinator may still be running.
   * `false` if the control file does not exist.
   */
  alive: boolean
  /** The reason why the run's control file cannot be read. */
  problem?: string
}

export async function activeRuns({ store, clock }: Place): Promise<ActiveRun[]> {
  const marks = (await store.list(activePrefix)).filter((key) => key !== halt)
  return Promise.all(
    marks.map(async (mark) => {
      const run = mark.slice(activePrefix.length)
      const stored = await store.get(keys.control(run))
      return { run, ...(stored ? stateOf(stored.body, clock.nowMs()) : { alive: false }) }
    }),
  )
}

/** Does not throw if the control file of one run cannot be read, because the other runs must still be listed and stopped. */
function stateOf(control: string, nowMs: number): Omit<ActiveRun, 'run'> {
  try {
    return { alive: decodeControl(control).leaseUntil > nowMs }
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    return { alive: true, problem: error.message }
  }
}

/**
 * Stops every run that is marked as active, and prevents new runs until `resume`.
 * @returns the names of the stopped runs
 * @throws the first error, after the attempt to stop every run
 */
export async function stopAll(place: Place, { reason, now }: StopHow): Promise<string[]> {
  // burst writes the halt before it stops the runs, so that no new run starts while burst stops the existing runs.
  await place.store.put(halt, JSON.stringify({ reason, at: place.clock.nowMs() }))
  const runs = await activeRuns(place)
  const stopping = await Promise.allSettled(
    runs.map(({ run, problem }) =>
      // A control file that cannot be read is deleted. Without a control file, the workers and the coordinator exit immediately.
      problem === undefined ? stopRun(place, run, reason, now) : place.store.delete(keys.control(run)),
    ),
  )
  const failed = stopping.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return runs.map(({ run }) => run)
}

/** Allows new runs again. @returns false if the runs were not halted */
export async function resume({ store }: Pick<Cloud, 'store'>): Promise<boolean> {
  if (!(await store.get(halt))) return false
  await store.delete(halt)
  return true
}
