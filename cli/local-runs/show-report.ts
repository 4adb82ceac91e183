import { join, relative } from 'node:path'
import { BurstError, invalidInput } from '../../core/errors.ts'
import type { Report } from '../../core/report/report.ts'
import { type Finished, finishRun } from '../run/finish-run.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { parseReport } from '../run/outputs/stored-report.ts'
import { outputsOf, workerFilesOf } from '../run/outputs/stored-outputs.ts'
import { checkUnclaimed } from '../run/outputs/claimed-folder.ts'
import { outputFolder, prepareOutputs } from '../run/outputs/result-files.ts'
import { type ReportFormat, printReport } from '../run/outputs/report-format.ts'
import { type Screen, screenFor } from '../terminal/display.ts'
import { renderSummary } from '../terminal/render-summary.ts'
import { clean } from '../terminal/style.ts'
import { renderFiles } from '../terminal/run-lines.ts'
import { newestRun, noSuchRun } from './find-run.ts'
import { type PastRun, filesOfPast, pastRun, workerFilesOfPast } from './past.ts'
import { withoutReport } from './without-report.ts'
import { remakeReport } from './remake.ts'
import { type KnownRun, knownRun, removeKept } from './run-folder.ts'

export interface ReportRequest {
  open: boolean
  finalize: boolean
  json: boolean
  /** If set, burst prints only the report, in this format. */
  format: ReportFormat | undefined
  out: string | undefined
  cwd: string
}

/**
 * Shows the report of a run on this machine from the files of the run. If the run has no files, takes the report from the kept store and writes the
 * files. With `finalize`, first makes the report from the counts in the store.
 * @param given the run, the folder of its files, or its report.json. If undefined, burst shows the newest run of the folder and prints its name on
 * stderr.
 * @returns the exit code of the run's verdict
 * @throws BurstError (104) when `given` names no run and no report, when the report cannot be read, or when `finalize` is set and no store was kept;
 * (97) when the run is still in progress, has only a store without a report, or its report cannot be made
 */
export async function showLocalReport(given: string | undefined, request: ReportRequest): Promise<number> {
  const named = given ?? (await newestNamed(request))
  const screen = screenFor(request.json ? process.stderr : process.stdout, false)
  const known = await knownRun(named)
  if (request.finalize) return remade(known, named, { ...request, screen })
  const past = await pastRun(named, request.cwd)
  if (past) return showPast(past, { ...request, screen })
  if (!known)
    throw (
      (await withoutReport(named, request.cwd)) ??
      noSuchRun(named, '; if the run wrote its files to a folder of --out, name that folder')
    )
  return fromStore(known, { ...request, screen })
}

async function newestNamed({ cwd, finalize }: ReportRequest): Promise<string> {
  const named = await newestRun(cwd, finalize)
  process.stderr.write(`the newest run of this folder: ${clean(named)}\n`)
  return named
}

type Showing = ReportRequest & { screen: Screen }

async function remade(known: KnownRun | undefined, named: string, showing: Showing): Promise<number> {
  if (!known) {
    throw invalidInput(`the store of run '${named}' was not kept`, {
      hint: 'burst run --local --keep-store keeps the store of a run that ends without an error; if TMPDIR had another value when the run started, set it to that value',
    })
  }
  if (known.active) throw stillOn(known.run)
  await remakeReport(known)
  return fromStore(known, showing)
}

function stillOn(run: string): BurstError {
  return new BurstError('runFailed', `run ${run} is still running`, { hint: `burst stop ${run} --local ends the run` })
}

/** Shows the report of a finished run. Writes the files of the run again only if `--out` is given. */
async function showPast(past: PastRun, showing: Showing): Promise<number> {
  const { folder, path, report } = past
  const { cwd, out, screen, open, format } = showing
  if (format !== undefined) return printReport(report, format, path)
  const files = await filesOfPast(past)
  if (out !== undefined) return written({ report, files, copied: await workerFilesOfPast(past) }, showing)
  screen.stream.write(`\n${summaryOf(report, path, screen)}\n`)
  if (showing.json) process.stdout.write(files['report.json'] ?? JSON.stringify(report))
  screen.stream.write(`${renderFiles(folder, relative(cwd, folder), screen.style)}\n`)
  if (open) openInBrowser(join(folder, 'report.html'))
  return report.verdict.exitCode
}

/**
 * Returns the summary of a report.
 * @throws BurstError (104) when the report contains values that the summary cannot show, for example because a person edited the file
 */
function summaryOf(report: Report, path: string, { width, style }: Screen): string {
  try {
    return renderSummary(report, width(), style)
  } catch (cause) {
    throw invalidInput(`${path} is not a report of this version of burst`, { cause })
  }
}

async function fromStore(known: KnownRun, showing: Showing): Promise<number> {
  const { run, store, active, keepStore } = known
  const files = { ...(await workerFilesOf(store, run)), ...(await outputsOf(store, run)) }
  const text = files['report.json']
  if (text === undefined) throw active ? stillOn(run) : noReport(run)
  const report = parseReport(text, `the report of run ${run}`)
  if (showing.format !== undefined) return printReport(report, showing.format, `the report of ${run}`)
  const exitCode = await written({ report, files }, showing, known.out)
  if (!active && !keepStore) await removeKept(known)
  return exitCode
}

function noReport(run: string): BurstError {
  return new BurstError('runFailed', `run ${run} has no report`, {
    hint: `burst report ${run} --local --finalize makes a report from the stored counts`,
  })
}

async function written(
  result: Pick<Finished, 'report' | 'files' | 'copied'>,
  showing: Showing,
  usual?: string,
): Promise<number> {
  const { cwd, out = usual, screen } = showing
  const folder = outputFolder({ cwd, out }, result.report.run.id)
  if (showing.out !== undefined) await prepareOutputs(folder)
  await checkUnclaimed(folder)
  const exitCode = await finishRun(showing, { ...result, folder, screen })
  if (showing.open) openInBrowser(join(folder, 'report.html'))
  return exitCode
}
