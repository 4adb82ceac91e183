import type { Report } from '../../core/report/report.ts'
import type { MeteredRun } from './metrics/run-meter.ts'
import { appendStepSummary } from './outputs/step-summary.ts'

/** Sends the metrics of a run to a monitoring system, during the run and at its end. */
export interface RunObserver {
  /** Called when the run has begun. */
  began(run: MeteredRun): void
  /**
   * Called when the report of the run exists. Not called if the run has no report. Resolves when the last metrics have been sent, when the time limit
   * for sending them is over, or after Ctrl-C.
   */
  ended(report: Report): Promise<void>
  /** Ends the sending. Called at the end of the run, whether the run has a report or not. May be called more than once. */
  close(): Promise<void>
}

/** Returns a new observer of one run. `say` prints a line, for example when a receiver fails. */
export type Observing = (say: (line: string) => void) => RunObserver

/** Returns one observer that calls all the given observers. */
export function allOf(observers: readonly RunObserver[]): RunObserver {
  return {
    began: (run) => {
      for (const one of observers) one.began(run)
    },
    ended: async (report) => void (await Promise.all(observers.map(async (one) => one.ended(report)))),
    close: async () => void (await Promise.all(observers.map(async (one) => one.close()))),
  }
}

/**
 * If burst runs in a job of GitHub Actions, adds the summary of the report to the page of the job. Then `observer`, if it is defined, sends the last
 * metrics to its monitoring system.
 */
export async function passOn(report: Report, observer: RunObserver | undefined): Promise<void> {
  await appendStepSummary(report)
  await observer?.ended(report)
}
