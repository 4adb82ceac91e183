import { setTimeout as sleep } from 'node:timers/promises'
import { relative } from 'node:path'
import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { LiveReader } from '../run/live-reader.ts'
import { type FollowedRun, followRun } from '../run/follow.ts'
import { screenFor } from '../terminal/display.ts'
import { renderSummary } from '../terminal/render-summary.ts'
import { renderFiles } from '../terminal/run-lines.ts'
import { activeOrOnlyRun, planOfKnownRun } from './find-run.ts'
import { filesOf, reportIn } from './past.ts'
import { type KnownRun, askToStop, knownRun } from './run-folder.ts'

export interface WatchRequest {
  cwd: string
  json: boolean
  quiet: boolean
}

const pollMs = 250

/**
 * Shows a local run of another process until its report exists. The other process writes the files.
 * @param run undefined for the only run in progress
 * @returns the exit code of the run's verdict
 * @throws BurstError (104) when the run is not in progress, or when no name is given and the number of runs in progress is not 1; (97) when the run
 * ends without a report; (105) when the user leaves the view before the end of the run
 */
export async function watchLocal(run: string | undefined, request: WatchRequest): Promise<number> {
  const known = await activeOrOnlyRun(run, request.cwd)
  const plan = await planOfKnownRun(known)
  const screen = screenFor(request.json ? process.stderr : process.stdout, request.quiet)
  const report = await followRun(async () => followed(known, plan), screen, plan)
  screen.stream.write(`\n${renderSummary(report, screen.width(), screen.style)}\n`)
  if (request.json) {
    const { 'report.json': text = JSON.stringify(report) } = await filesOf(known.out)
    process.stdout.write(text)
  }
  screen.stream.write(`${renderFiles(known.out, relative(request.cwd, known.out), screen.style)}\n`)
  return report.verdict.exitCode
}

function followed(known: KnownRun, plan: RunPlan): FollowedRun {
  const { run, store, clock } = known
  const live = new LiveReader(store, plan)
  const done = reportOf(known)
  // After the person has closed the view, a failure of the run must not end this process.
  done.catch(() => undefined)
  return {
    snapshot: async () => live.read(clock.nowMs()),
    stop: async (reason) => askToStop(known, reason),
    kill: async () => undefined,
    done,
    leaving: {
      note: 'press Ctrl-C again to close this view while the run stops',
      error: new BurstError('stopped', `run ${run} continues without this view`, {
        hint: `burst watch ${run} --local shows the run again`,
      }),
      withTerminal: true,
    },
  }
}

/**
 * Waits for the end of a run, and returns its report. The process of a run writes the report before it removes the run's folder. If the run has ended
 * and its report does not exist, the run has failed.
 */
async function reportOf({ run, out }: KnownRun): Promise<Report> {
  for (;;) {
    const active = (await knownRun(run))?.active ?? false
    const report = active ? undefined : await reportIn(out)
    if (report?.run.id === run) return report
    if (!active) {
      throw new BurstError('runFailed', `run ${run} has ended without a report`, {
        hint: `burst report ${run} --local --finalize makes a report from the stored counts, if they still exist`,
      })
    }
    await sleep(pollMs)
  }
}
