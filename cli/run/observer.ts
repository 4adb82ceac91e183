import type { Report } from '../../core/report/report.ts'
import type { MeteredRun } from './metrics/run-meter.ts'
import { appendStepSummary } from './step-summary.ts'

/** Sends the figures of a run elsewhere while it goes on. */
export interface RunObserver {
  /** The run has begun. */
  began(run: MeteredRun): void
  /** The run is over. Resolves when the last figures were sent, or after a limited time. */
  ended(report: Report): Promise<void>
  close(): Promise<void>
}

/** Gives the report of a run to those outside that wait for it: the page of the job on GitHub, and the monitoring system. */
export async function passOn(report: Report, observer: RunObserver | undefined): Promise<void> {
  await appendStepSummary(report)
  await observer?.ended(report)
}
