import { BurstError } from '../../core/errors.ts'
import type { LiveSnapshot } from '../../core/report/live/snapshot.ts'
import type { Report } from '../../core/report/report.ts'
import { type StopRequest, onStopSignals } from '../ending/signals.ts'
import { type Display, type Screen, startDisplay } from '../terminal/display.ts'
import { clean } from '../terminal/style.ts'
import { span } from '../../core/words.ts'

/** A run in progress, here or elsewhere. */
export interface FollowedRun {
  snapshot(): Promise<LiveSnapshot | undefined>
  /** Ends it in order. */
  stop(reason: string): Promise<void>
  /** Ends it at once, without a report. */
  kill(): Promise<void>
  done: Promise<Report>
  /** For a run that can continue without this process: what `kill` does, and the message after it. */
  leaving?: {
    note: string
    error: BurstError
    /** A closed terminal leaves it as well. */
    withTerminal?: true
  }
}

/** Starts a run; what its scenario prints goes to `print`, line by line. */
export type Start = (print: (line: string) => void) => Promise<FollowedRun>

/**
 * Starts a run and shows it until its report is there. The first request to stop (`onStopSignals`) stops it in order, a second one at once.
 * @param stopMs what requests in flight get when it is stopped
 * @throws BurstError (105) when it was ended at once; what the run itself rejects with
 */
export async function followRun(start: Start, screen: Screen, stopMs: number): Promise<Report> {
  let run: FollowedRun | undefined
  const display = startDisplay(screen, async () => run?.snapshot())
  try {
    run = await start((line) => display.note(clean(line)))
    return await untilDone(run, display, stopMs)
  } finally {
    await display.close()
  }
}

async function untilDone(run: FollowedRun, display: Display, stopMs: number): Promise<Report> {
  const broken = Promise.withResolvers<never>()
  let killed: Promise<void> | undefined
  const release = onStopSignals((request) => {
    if (request.times === 1 && !(request.left && run.leaving?.withTerminal)) {
      display.note(stopNote(request, run, stopMs))
      run.stop(request.by).catch(broken.reject)
    } else {
      if (!killed) display.note(run.leaving ? 'leaving' : 'ending at once')
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
    // Further presses of Ctrl-C do not cut off the last output.
    if (!killed) release()
  }
}

function stopNote({ by, left }: StopRequest, { leaving }: FollowedRun, stopMs: number): string {
  const patience = `requests in flight get ${span(stopMs)}`
  return left
    ? `stopping because of ${by}: ${patience}`
    : `stopping: ${patience}; ${leaving?.note ?? 'again to end at once'}`
}

function endedAtOnce({ leaving }: FollowedRun): BurstError {
  return leaving?.error ?? new BurstError('stopped', 'the run was ended at once, without a report')
}
