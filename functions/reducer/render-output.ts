import { inflateRawSync } from 'node:zlib'
import { exceptionsCsv, failuresCsv, historyCsv, statsCsv } from '../../core/report/files/csv.ts'
import { junitXml } from '../../core/report/files/junit.ts'
import { latencyLog } from '../../core/report/files/latency-log.ts'
import { markdownSummary } from '../../core/report/files/markdown.ts'
import { renderHtml } from '../../core/report/html/html.ts'
import type { Report } from '../../core/report/report.ts'
import type { OutputFile } from '../keys.ts'
import { readPageAssets } from './assets.ts'

const renderings: Record<OutputFile, (report: Report) => string | Promise<string>> = {
  'report.html': async (report) => renderHtml(report, await readPageAssets()),
  'report.md': markdownSummary,
  'junit.xml': junitXml,
  'stats.csv': statsCsv,
  'history.csv': historyCsv,
  'failures.csv': failuresCsv,
  'exceptions.csv': exceptionsCsv,
  'latency.hlog': (report) => latencyLog(report, inflateRawSync),
  'report.json': (report) => `${JSON.stringify(report)}\n`,
}

/** Returns the content of one of the run's files. For a given report, the content is always the same. */
export async function renderOutput(report: Report, file: OutputFile): Promise<string> {
  return renderings[file](report)
}
