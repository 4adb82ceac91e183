import { relative, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BurstError, invalidInput } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { findPlan } from '../../functions/read-plan.ts'
import { type PastRun, pastRun, pastRuns } from './past.ts'
import { type KnownRun, knownRun, knownRuns } from './run-folder.ts'

/**
 * Finds a local run in progress.
 * @throws BurstError (104) when the run is not in progress. If the run has finished, the hint of the error names the command that shows its result.
 */
async function activeRun(run: string, cwd: string): Promise<KnownRun> {
  const known = await knownRun(run)
  if (known?.active) return known
  if (await pastRun(run, cwd)) throw isOver(run, `burst report ${run} --local shows its result`)
  if (known) throw isOver(run, `burst report ${run} --local --finalize makes a report from the stored counts`)
  throw noSuchRun(run)
}

/**
 * Returns the local run of this name or, without a name, the only run in progress.
 * @throws BurstError (104) when the run is not in progress, or when no name is given and the number of runs in progress is not 1
 */
export async function activeOrOnlyRun(run: string | undefined, cwd: string): Promise<KnownRun> {
  if (run !== undefined) return activeRun(run, cwd)
  const active = (await knownRuns()).filter((one) => one.active)
  const [first] = active
  if (first && active.length === 1) return first
  if (!first) throw invalidInput('no local run is in progress')
  throw invalidInput(`${active.length} local runs are in progress`, {
    hint: `name one: ${active.map((one) => one.run).join(', ')}`,
  })
}

/**
 * Finds the newest local run that is not in progress and whose results belong to the folder `cwd`. Returns the path, relative to `cwd`, of the folder
 * that contains the run's files. If only the run's store was kept, returns the run's name.
 * @param finalize `true` considers only runs with a kept store
 * @throws BurstError (104) when the folder has no run of this kind, or when a report in the folder cannot be read
 */
export async function newestRun(cwd: string, finalize: boolean): Promise<string> {
  const known = (await knownRuns()).find(({ active, out }) => !active && isInside(out, cwd))
  const past = finalize ? undefined : await newestPast(cwd)
  // If the newest run has files and also a kept store, `past` and `known` are the same run. The condition then selects `past`, because the start of
  // the load (`startedAt`) is never before the creation of the run (`createdAt`).
  if (past && (!known || past.report.run.startedAt >= known.createdAt)) return relative(cwd, past.folder)
  if (known) return known.run
  throw invalidInput(finalize ? 'no run of this folder has a kept store' : 'this folder has no finished run', {
    hint: 'burst list --local names the runs of this machine',
  })
}

/** Returns the newest run with results. Throws if an unreadable report may be the newest one. */
async function newestPast(cwd: string): Promise<PastRun | undefined> {
  const { runs, broken } = await pastRuns(cwd, 1)
  if (broken[0] !== undefined)
    throw invalidInput(`${relative(cwd, broken[0])} contains no readable report`, {
      hint: 'name the run that you want to see',
    })
  return runs[0]
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

/** Returns the error for a run that has no data on this machine. `more` is added to the end of the hint. */
export function noSuchRun(run: string, more = ''): BurstError {
  return invalidInput(`there is no local run '${run}'`, { hint: `burst list --local names the runs${more}` })
}

function isOver(run: string, hint: string): BurstError {
  return invalidInput(`run ${run} is over`, { hint })
}

/** The maximum time in milliseconds to wait for the plan of a run that has just started. */
const startPatienceMs = 30_000
const startPollMs = 50

/**
 * Returns the plan of a run that is in progress or whose store was kept. burst can find a new run shortly before the store contains the plan. This
 * function therefore waits for the plan for at most 30 s, and only while the run is in progress.
 * @throws BurstError (104) when the run is not in progress and its store has no plan, or when the store has no plan after 30 s, (97) when the plan
 * cannot be read
 */
export async function planOfKnownRun({ run, store, storeDir }: KnownRun): Promise<RunPlan> {
  const untilMs = performance.now() + startPatienceMs
  for (;;) {
    const isActive = (await knownRun(run))?.active ?? false
    const plan = await findPlan(store, run)
    if (plan) return plan
    if (!isActive || performance.now() > untilMs)
      throw invalidInput(`the store of run ${run} has no plan (${storeDir})`)
    await sleep(startPollMs)
  }
}
