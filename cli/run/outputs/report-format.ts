import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { type Report, reportSchema } from '../../../core/report/report.ts'
import type { OutputFile } from '../../../functions/keys.ts'

/**
 * The result file that `burst report --format` prints for each format. The format `text` is missing here: it prints the summary that a run shows in
 * the terminal.
 */
const files = {
  html: 'report.html',
  markdown: 'report.md',
  junit: 'junit.xml',
  csv: 'stats.csv',
  'csv-history': 'history.csv',
  'csv-failures': 'failures.csv',
  'csv-exceptions': 'exceptions.csv',
  hlog: 'latency.hlog',
  json: 'report.json',
} as const satisfies Record<string, OutputFile>

export type ReportFormat = keyof typeof files | 'text'
export const reportFormats = ['text', ...Object.keys(files)] as ReportFormat[]

/** @throws BurstError (104) for an unknown format; the error names the valid formats */
export function checkedFormat(text: string): ReportFormat {
  // `md` is also accepted, because `.md` is the extension of Markdown files.
  const found = text === 'md' ? 'markdown' : reportFormats.find((format) => format === text)
  if (found !== undefined) return found
  throw invalidInput(`--format is ${JSON.stringify(text)}`, { hint: `give one of ${reportFormats.join(', ')}` })
}

/**
 * Prints only the report, in one format, to stdout.
 * @param from the path of the report, which an error message quotes
 * @returns the exit code of the run's verdict
 * @throws BurstError (104) when a part of the report is missing or not valid, for example because a person edited the report
 */
export async function printReport(report: Report, format: ReportFormat, from: string): Promise<number> {
  process.stdout.write(await rendered(report, format, from))
  return report.verdict.exitCode
}

async function rendered(report: Report, format: ReportFormat, from: string): Promise<string> {
  try {
    await refusePart(report, from)
    if (format !== 'text') {
      const { renderOutput } = await import('../../../functions/reducer/render-output.ts')
      return await renderOutput(report, files[format])
    }
    const [{ screenFor }, { renderSummary }] = await Promise.all([
      import('../../terminal/display.ts'),
      import('../../terminal/render-summary.ts'),
    ])
    const { width, style } = screenFor(process.stdout, false)
    return `${renderSummary(report, width(), style)}\n`
  } catch (cause) {
    if (cause instanceof BurstError && cause.exitCode === 104) throw cause
    throw invalidInput(`${from} is not a report of this version of burst`, { cause })
  }
}

/**
 * Validates the whole report, because the file may be damaged or edited by hand. Without this validation, most formats would print wrong text, and
 * the page would fail only in the browser.
 * @throws BurstError (104) that names the first missing or invalid part
 */
async function refusePart(report: Report, from: string): Promise<void> {
  const whole = v.safeParse(reportSchema, report, { abortEarly: true })
  if (!whole.success) {
    const hint = `${(v.getDotPath(whole.issues[0]) ?? 'a field').slice(0, 100)} is missing or not valid`
    throw invalidInput(`${from} is not a report of this version of burst`, { hint })
  }
  const { seriesOf } = await import('../../compare/read-run.ts')
  seriesOf(report, from)
}

/** Matches names that begin with the start time of a run, as the name of each run does. */
const nameOfRun = /^\d{8}-\d{6}-/

/**
 * Returns true if `named` is a path. A path contains a slash or a backslash, ends in `.json` or `.html`, or is the name of an existing file or
 * folder. A name that begins with the start time of a run is not a path, even if a folder has this name: without `--local`, it is the name of a run
 * on AWS.
 */
export async function isPathOfReport(named: string, cwd: string): Promise<boolean> {
  if (/[/\\]|\.(?:json|html)$/.test(named)) return true
  return !nameOfRun.test(named) && (await stat(resolve(cwd, named)).catch(() => undefined)) !== undefined
}
