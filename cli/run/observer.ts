import type { Report } from '../../core/report/report.ts'
import type { MeteredRun } from './metrics/run-meter.ts'
import { appendStepSummary } from './outputs/step-summary.ts'

/** Sends the metrics of a run to a monitoring system during the run. */
export interface RunObserver {
  /** Called when the run has begun. */
  began(run: MeteredRun): void
  /** Called when the run has ended. Resolves when the last metrics have been sent, or after a limited time. */
  ended(report: Report): Promise<void>
  close(): Promise<void>
}

/** Sends the report of a run to the job's page on GitHub and to the monitoring system. */
export async function passOn(report: Report, observer: RunObserver | undefined): Promise<void> {
  await appendStepSummary(report)
  await observer?.ended(report)
}
