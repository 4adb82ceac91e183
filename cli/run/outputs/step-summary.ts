import { appendFile } from 'node:fs/promises'
import { markdownSummary } from '../../../core/report/files/markdown.ts'
import type { Report } from '../../../core/report/report.ts'

/**
 * Appends the run's summary to the file in `GITHUB_STEP_SUMMARY`, which GitHub Actions shows with the job, if the variable is set. A failed write is
 * reported on stderr and does not change the result of the run.
 */
export async function appendStepSummary(report: Report): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY']
  if (!file) return
  try {
    await appendFile(file, `${markdownSummary(report)}\n`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(`burst: the summary was not written to GITHUB_STEP_SUMMARY: ${why}\n`)
  }
}
