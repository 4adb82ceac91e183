import { appendFile } from 'node:fs/promises'
import { markdownSummary } from '../../../core/report/files/markdown.ts'
import type { Report } from '../../../core/report/report.ts'

/**
 * If `GITHUB_STEP_SUMMARY` is set, appends the run's summary to the file that the variable names. GitHub Actions shows this file with the job. If the
 * file cannot be written, reports this on stderr, and does not change the result of the run.
 */
export async function appendStepSummary(report: Report): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY']
  if (!file) return
  try {
    await appendFile(file, `${markdownSummary(report)}\n`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(`burst: the summary could not be written to GITHUB_STEP_SUMMARY: ${why}\n`)
  }
}
