import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { givenBytesCap } from '../../core/compare/given-report.ts'
import { invalidInput } from '../../core/errors.ts'
import type { Report } from '../../core/report/report.ts'
import { outputFiles, workerFileName } from '../../functions/keys.ts'
import { diskCause } from '../../functions/files/disk.ts'
import { grouped } from '../../core/words.ts'
import { parseReport } from '../run/outputs/stored-report.ts'
import { namesIn } from './run-folder.ts'

/** A finished run whose files are in a folder. */
export interface PastRun {
  folder: string
  /** The path of the file with the report. */
  path: string
  report: Report
}

/** The folder for the results of all runs of a project, inside the project's folder. */
export const resultsFolder = 'burst-results'
const reportFile = 'report.json'
/** Matches folder names that begin with the start time of a run. */
const dated = /^\d{8}-\d{6}-/

/**
 * Returns the newest runs with results in `burst-results` of a folder: at most `most` runs, newest first. `broken` contains the folders whose report
 * cannot be read.
 * @throws BurstError (97) when `burst-results` cannot be read
 */
export async function pastRuns(cwd: string, most: number): Promise<{ runs: PastRun[]; broken: string[] }> {
  const root = join(cwd, resultsFolder)
  const names = (await namesIn(root)).toSorted((a, b) => (a < b ? 1 : -1))
  const broken: string[] = []
  let runs: PastRun[] = []
  let datedRuns = 0
  // First reads every folder whose name does not begin with a start time. Then reads the other folders, the newest first. Stops when `datedRuns`, the
  // number of reports in these other folders, equals `most`.
  for (const name of [...names.filter((one) => !dated.test(one)), ...names.filter((one) => dated.test(one))]) {
    if (datedRuns === most) break
    const folder = join(root, name)
    try {
      const report = await reportIn(folder)
      if (!report) continue
      if (dated.test(name)) datedRuns++
      runs = newest([...runs, { folder, path: join(folder, reportFile), report }], most)
    } catch {
      broken.push(folder)
    }
  }
  return { runs, broken }
}

function newest(runs: readonly PastRun[], most: number): PastRun[] {
  return runs.toSorted((a, b) => b.report.run.startedAt - a.report.run.startedAt).slice(0, most)
}

/**
 * Finds a finished run by its name in `burst-results`, by the folder of its files, or by the file of its report. Returns undefined when the run does
 * not exist.
 * @throws BurstError (104) when the report cannot be read, or when `named` is an HTML file
 */
export async function pastRun(named: string, cwd: string): Promise<PastRun | undefined> {
  for (const folder of [join(cwd, resultsFolder, named), resolve(cwd, named)]) {
    const report = await reportIn(folder)
    if (report) return { folder, path: join(folder, reportFile), report }
  }
  const path = resolve(cwd, named)
  if (path.endsWith('.html') && (await isFile(path)))
    throw invalidInput(`${named} is not a report.json`, {
      hint: `burst ui ${named} shows a report.html in the browser`,
    })
  return (await isFile(path)) ? { folder: dirname(path), path, report: await reportAt(path) } : undefined
}

/**
 * Returns the contents of the result files of a finished run. The key is the name of the file. Reads the files in the folder of the report. If the
 * file of the report was renamed, makes the contents from the report instead.
 */
export async function filesOfPast({ folder, path, report }: PastRun): Promise<Record<string, string>> {
  if (basename(path) === reportFile) return filesOf(folder)
  const { renderOutput } = await import('../../functions/reducer/render-output.ts')
  const made = outputFiles.map(async (file) => [file, await renderOutput(report, file)] as const)
  return Object.fromEntries(await Promise.all(made))
}

/**
 * Returns the paths of the files that the workers of a finished run wrote. The key is the name of the file. Returns no paths if the report's file was
 * renamed and its folder also contains a `report.json`: the files then belong to that `report.json`.
 */
export async function workerFilesOfPast({ folder, path }: PastRun): Promise<Record<string, string>> {
  if (basename(path) !== reportFile && (await isFile(join(folder, reportFile)))) return {}
  const names = (await namesIn(folder)).filter((name) => workerFileName.test(name))
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]))
}

/** Returns the contents of the result files (`outputFiles`) that exist in the folder of a run. The key is the name of the file. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const read = async (name: string): Promise<[string, string][]> => {
    const path = join(folder, name)
    return (await isFile(path)) ? [[name, await readFile(path, 'utf8')]] : []
  }
  return Object.fromEntries((await Promise.all(outputFiles.map(read))).flat())
}

/**
 * Returns the report in a folder of results; undefined when the folder has no report.
 * @throws BurstError (104) when the report cannot be read
 */
export async function reportIn(folder: string): Promise<Report | undefined> {
  const path = join(folder, reportFile)
  return (await isFile(path)) ? reportAt(path) : undefined
}

async function reportAt(path: string): Promise<Report> {
  return parseReport(await readReportText(path), path)
}

/**
 * Returns the text of a file that should contain a report.
 * @throws BurstError (104) when the path is not a file, or the file is larger than 128 MiB or cannot be read
 */
export async function readReportText(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw invalidInput(`${path} is not a file`)
  if (found.size > givenBytesCap)
    throw invalidInput(`${path} is too large to be a report: it has ${grouped(found.size)} bytes`)
  return readFile(path, 'utf8').catch((cause: Error) => {
    throw invalidInput(`${path} cannot be read: ${diskCause(cause)}`, { cause })
  })
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}
