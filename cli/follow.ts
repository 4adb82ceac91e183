import { formatDuration } from '../core/duration.ts'
import { BurstError } from '../core/errors.ts'
import type { LiveSnapshot } from '../core/live.ts'
import type { Report } from '../core/report/report.ts'
import { onStopSignals } from './signals.ts'
import { type Screen, startDisplay } from './terminal/display.ts'

/** A run that goes on somewhere. */
export interface FollowedRun {
  snapshot(): Promise<LiveSnapshot | undefined>
  /** Ends it in order. */
  stop(reason: string): Promise<void>
  /** Ends it at once, without a report. */
  kill(): Promise<void>
  done: Promise<Report>
}

/**
 * Shows a run until its report is there. The first Ctrl-C (or SIGTERM) stops it in order, a second one at once.
 * @param stopMs what requests in flight get when it is stopped
 * @throws BurstError (105) when it was ended at once; what the run itself rejects with
 */
export async function followRun(run: FollowedRun, screen: Screen, stopMs: number): Promise<Report> {
  const display = startDisplay(screen, () => run.snapshot())
  const broken = Promise.withResolvers<never>()
  let killed: Promise<void> | undefined
  const release = onStopSignals((times, by) => {
    if (times === 1) {
      display.note(`stopping: requests in flight get ${formatDuration(stopMs)}; again to end at once`)
      run.stop(by).catch(broken.reject)
    } else {
      killed ??= run.kill()
      killed.then(() => broken.reject(endedAtOnce()), broken.reject)
    }
  })
  try {
    return await Promise.race([run.done, broken.promise])
  } catch (error) {
    throw killed ? endedAtOnce() : error
  } finally {
    await killed?.catch(() => undefined)
    release()
    await display.close()
  }
}

function endedAtOnce(): BurstError {
  return new BurstError('stopped', 'the run was ended at once, without a report')
}
