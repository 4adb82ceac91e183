import { BurstError } from '../../core/errors.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { planOfKnownRun } from '../local-runs/find-run.ts'
import { reportIn } from '../local-runs/past.ts'
import { knownRun } from '../local-runs/run-folder.ts'
import type { Catalogue } from './runs/catalogue.ts'
import type { CloudRuns } from './cloud/cloud-runs.ts'
import type { WatchedRun } from './runs/live-run.ts'
import type { OwnRuns } from './runs/own-runs.ts'
import type { Planner } from './planner.ts'

/** The objects that the API of the page uses. */
export interface Workshop {
  planner: Planner
  catalogue: Catalogue
  own: OwnRuns
  cloud: CloudRuns | undefined
  /** The options of `burst ui` that all runs of the page have. */
  options: Pick<RunOptions, 'traceContext'>
  /** `true` if the page may start runs; false if the page only shows reports. */
  mayStart: boolean
  /** Called when the `report.json` of a finished run has been sent to a browser. */
  delivered: (run: string) => void
}

const lookEveryMs = 500
/** The time in milliseconds for which burst repeats a failed read. A read may fail because a file is removed at the same time. */
const patienceMs = 5000

/**
 * Returns a run whose data is in a store on this machine or in the stack on AWS. Returns undefined if the run is not on this machine and no stack is
 * configured. The run may have ended.
 * @throws BurstError (104) when neither this machine nor the stack has the run, or when the store on this machine has no plan; (97) when the run in
 * the stack was never started, or when the plan cannot be read
 */
export async function watchedRun({ own, cloud, catalogue }: Workshop, run: string): Promise<WatchedRun | undefined> {
  const known = await knownRun(run)
  if (!known) return cloud?.watched(run)
  const plan = await planOfKnownRun(known)
  catalogue.lies(run, known.out)
  const ending = async (): Promise<'over' | BurstError | undefined> => {
    const active = (await knownRun(run))?.active ?? false
    if ((await reportIn(known.out))?.run.id === run) return 'over'
    if (own.failureOf(run)) return own.failureOf(run)
    return active ? undefined : new BurstError('runFailed', `run ${run} has ended without a report`)
  }
  return {
    plan,
    store: known.store,
    nowMs: () => known.clock.nowMs(),
    everyMs: lookEveryMs,
    patienceMs,
    isTemporary: () => true,
    inWords: (error) => error,
    ending,
  }
}
