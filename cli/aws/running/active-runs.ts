import { BurstError } from '../../../core/errors.ts'
import { decodeControl } from '../../../core/fleet/control.ts'
import { few } from '../../../core/words.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import type { StopHow } from '../../local-runs/stop.ts'
import type { Cloud } from '../cloud.ts'

type Place = Pick<Cloud, 'store' | 'clock'>

const activePrefix = keys.active('')
/** The key of an object in the store. While this object exists, all runs are halted, and no run starts. */
export const halt = keys.active('halt')

/**
 * A run that has the mark `active/<run>` in the store. burst sets the mark when it starts the run. The coordinator removes the mark after it has made
 * the report.
 */
export interface ActiveRun {
  run: string
  /**
   * `true` if the coordinator's lease has not expired. Also true if the control file cannot be read, because a coordinator may still be running.
   * `false` if the control file does not exist.
   */
  alive: boolean
  /** The reason why the run's control file cannot be read. */
  problem?: string
  /** Set if the run has no control file. */
  uncontrolled?: true
}

export async function activeRuns({ store, clock }: Place): Promise<ActiveRun[]> {
  const marks = (await store.list(activePrefix)).filter((key) => key !== halt)
  return Promise.all(
    marks.map(async (mark) => {
      const run = mark.slice(activePrefix.length)
      const stored = await store.get(keys.control(run))
      return { run, ...stateOf(stored?.body, clock.nowMs()) }
    }),
  )
}

/** Does not throw if the control file of one run cannot be read, because the other runs must still be listed and stopped. */
function stateOf(control: string | undefined, nowMs: number): Omit<ActiveRun, 'run'> {
  if (control === undefined) return { alive: false, uncontrolled: true }
  try {
    return { alive: decodeControl(control).leaseUntil > nowMs }
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    return { alive: true, problem: error.message }
  }
}

/**
 * Removes the mark of a run that has a report. Does nothing if a coordinator of the run may be alive, because this coordinator removes the mark. If
 * the coordinator was lost and burst itself has invoked the finaliser, only this function removes the mark.
 */
export async function unmarkReported({ store, clock }: Place, run: string): Promise<void> {
  if (!(await store.get(keys.active(run)))) return
  const stored = await store.get(keys.control(run))
  if (!stateOf(stored?.body, clock.nowMs()).alive) await store.delete(keys.active(run))
}

/** The names of the active runs that `stopAll` found. */
export interface Stopping {
  /** The runs that were asked to stop. */
  asked: string[]
  /** The runs without a control file. The control file was missing, or `stopAll` deleted an unreadable control file. These runs end immediately. */
  uncontrolled: string[]
}

/**
 * Stops every run that is marked as active, and prevents new runs until `resume`. If a run cannot be stopped, still tries to stop the other runs
 * before it throws.
 * @throws BurstError (97) with the names of the runs that could not be stopped; if AWS caused the failure, the error of AWS
 */
export async function stopAll(place: Place, how: StopHow): Promise<Stopping> {
  // burst writes the halt before it stops the runs, so that no new run starts while burst stops the existing runs.
  await place.store.put(halt, JSON.stringify({ reason: how.reason, at: place.clock.nowMs() }))
  const runs = await activeRuns(place)
  const stopping = await Promise.allSettled(runs.map(async (one) => stopActive(place, one, how)))
  const failed = runs.filter((_, index) => stopping[index]?.status === 'rejected').map(({ run }) => run)
  const first = stopping.find((one) => one.status === 'rejected')
  if (first) throw notStopped(failed, first.reason)
  const isControlled = ({ problem, uncontrolled }: ActiveRun): boolean => problem === undefined && !uncontrolled
  return {
    asked: runs.filter(isControlled).map(({ run }) => run),
    uncontrolled: runs.filter((one) => !isControlled(one)).map(({ run }) => run),
  }
}

/**
 * Asks a run to stop. Deletes a control file that cannot be read. Without a control file, the workers exit immediately, and the coordinator ends the
 * run.
 */
async function stopActive(
  place: Place,
  { run, problem, uncontrolled }: ActiveRun,
  { reason, now }: StopHow,
): Promise<void> {
  if (problem !== undefined) await place.store.delete(keys.control(run))
  else if (!uncontrolled) await stopRun(place, run, reason, now)
}

/** Returns an error that names the runs. Returns an error of AWS unchanged, because it usually does not concern a single run. */
function notStopped(runs: readonly string[], cause: unknown): unknown {
  if (!(cause instanceof BurstError)) return cause
  return new BurstError('runFailed', `${few(runs)} could not be stopped: ${cause.message}`, {
    hint: 'all other runs are stopping; repeat burst stop --all',
    cause,
  })
}

/** Allows new runs again. @returns false if the runs were not halted */
export async function resume({ store }: Pick<Cloud, 'store'>): Promise<boolean> {
  if (!(await store.get(halt))) return false
  await store.delete(halt)
  return true
}
