import { BurstError } from '../../core/errors.ts'
import type { LiveSnapshot } from '../../core/report/live/snapshot.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { hookLimitMs } from '../../functions/hooks/run-hook.ts'
import { type StopRequest, onStopSignals } from '../ending/signals.ts'
import { type Display, type Screen, startDisplay } from '../terminal/display.ts'
import { clean } from '../terminal/style.ts'
import { span } from '../../core/words.ts'

/** A run in progress, on this machine or elsewhere. */
export interface FollowedRun {
  snapshot(): Promise<LiveSnapshot | undefined>
  /** Stops the run gracefully. */
  stop(reason: string): Promise<void>
  /** Ends the run immediately, without a report. Does nothing if `leaving` is set, because the run can then continue without this process. */
  kill(): Promise<void>
  done: Promise<Report>
  /**
   * Set if the run can continue without this process. A second request to stop then closes only the view of the run. `note` tells the user how to
   * close the view. `followRun` throws `error` after the view has been closed.
   */
  leaving?: {
    note: string
    error: BurstError
    /**
     * If `true`, two events close only the view: the user closes the terminal, or the process that started burst ends. By default, each of these two
     * events stops the run.
     */
    withTerminal?: true
  }
}

/** The parts of a plan that determine how long a stop may take. */
type StopPlan = Pick<RunPlan, 'timing' | 'hooks'>

/** Starts a run. If this process carries out the run, calls `print` with each line that the scenario prints, and with notes about a stop. */
export type Start = (print: (line: string) => void) => Promise<FollowedRun>

/**
 * Starts a run and shows it until its report exists. The first request to stop (`onStopSignals`) stops the run gracefully. A second request ends the
 * run immediately or, if `leaving` is set, closes only the view. If `leaving.withTerminal` is true, a closed terminal and the end of the process that
 * started burst also close only the view.
 * @throws BurstError (105) when the run was ended immediately; `leaving.error` when the view was closed; otherwise the error of the run
 */
export async function followRun(start: Start, screen: Screen, plan: StopPlan): Promise<Report> {
  let run: FollowedRun | undefined
  const display = startDisplay(screen, async () => run?.snapshot())
  try {
    run = await start((line) => display.note(clean(line)))
    return await untilDone(run, display, plan)
  } finally {
    await display.close()
  }
}

async function untilDone(run: FollowedRun, display: Display, plan: StopPlan): Promise<Report> {
  const broken = Promise.withResolvers<never>()
  let killed: Promise<void> | undefined
  const release = onStopSignals((request) => {
    if (request.times === 1 && !(request.left && run.leaving?.withTerminal)) {
      display.note(stopNote(request, run, plan))
      run.stop(request.by).catch(broken.reject)
    } else {
      if (!killed) display.note(run.leaving ? 'leaving' : 'ending immediately')
      killed ??= run.kill()
      killed.then(() => broken.reject(endedAtOnce(run)), broken.reject)
    }
  })
  try {
    return await Promise.race([run.done, broken.promise])
  } catch (error) {
    throw killed ? endedAtOnce(run) : error
  } finally {
    await killed?.catch(() => undefined)
    // After a kill, the signal handlers stay installed, so that another Ctrl-C does not interrupt the last output.
    if (!killed) release()
  }
}

function stopNote({ by, left }: StopRequest, { leaving }: FollowedRun, { timing, hooks }: StopPlan): string {
  // `hooks.afterRun` is also true for a scenario that has only onEvent, because the stage that calls afterRun also calls onEvent.
  const after = hooks.onEvent ? 'afterRun and onEvent have' : 'afterRun has'
  const cleaning = hooks.afterRun ? `, then ${after} up to ${span(hookLimitMs)}` : ''
  const patience = `requests in flight have ${span(timing.stopMs)} to finish${cleaning}`
  return left
    ? `stopping because of ${by}: ${patience}`
    : `stopping: ${patience}; ${leaving?.note ?? 'press Ctrl-C again to end immediately'}`
}

function endedAtOnce({ leaving }: FollowedRun): BurstError {
  return leaving?.error ?? new BurstError('stopped', 'the run was ended immediately, without a report')
}
