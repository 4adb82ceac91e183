import { relative } from 'node:path'
import { markdownSummary } from '../../core/report/files/markdown.ts'
import type { Report } from '../../core/report/report.ts'
import type { Screen } from '../terminal/display.ts'
import { renderSummary } from '../terminal/render-summary.ts'
import { renderDoubt, renderFiles } from '../terminal/run-lines.ts'
import { writeOutputs } from './outputs/result-files.ts'

/** The results of a finished run, and their folder. */
export interface Finished {
  report: Report
  files: Record<string, string>
  /** The paths of files that are copied to the folder. The key is the name of the file. */
  copied?: Record<string, string>
  folder: string
  screen: Screen
  /** The folder of the store, if the store is kept. */
  storeDir?: string
}

/**
 * Shows the result, and then writes the files. The result must be visible even if the files cannot be written, for example to a full disk.
 * @returns the exit code of the run's verdict
 * @throws BurstError (97) when the files cannot be written
 */
export async function finishRun(
  { cwd, json, summary }: { cwd: string; json: boolean; summary?: 'markdown' | undefined },
  { report, files, copied, folder, screen, storeDir }: Finished,
): Promise<number> {
  screen.stream.write(`\n${renderSummary(report, screen.width(), screen.style)}\n`)
  if (json) process.stdout.write(files['report.json'] ?? JSON.stringify(report))
  if (summary === 'markdown') process.stdout.write(markdownSummary(report))
  await writeOutputs(folder, files, copied)
  screen.stream.write(`${renderFiles(folder, relative(cwd, folder), screen.style)}\n`)
  if (storeDir !== undefined) screen.stream.write(`${screen.style.dim('store ')}  ${storeDir}\n`)
  const doubt = renderDoubt(report.verdict, screen.style)
  if (doubt !== '') screen.stream.write(`${doubt}\n`)
  return report.verdict.exitCode
}
