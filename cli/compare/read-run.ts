import { readFile, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import type { ComparedRun } from '../../core/compare/paired-rows.ts'
import { givenBytesCap, givenReport, seriesBytesCap, unreadableSeries } from '../../core/compare/given-report.ts'
import { invalidInput } from '../../core/errors.ts'
import type { Report } from '../../core/report/report.ts'
import { type SeriesData, decodeSeries } from '../../core/report/series.ts'
import { grouped } from '../../core/words.ts'
import { diskCause } from '../../functions/files/disk.ts'

const resultsFolder = 'burst-results'
const reportFiles = ['report.json', 'report.html']

/**
 * Reads the named run: a report.json or report.html, a folder that contains one of these files, or a run in `burst-results`.
 * @param spelled a function that burst applies to each string of the report; its second argument is the key of the string's field
 * @throws BurstError (104) when the run does not exist or cannot be compared
 */
export async function readRun(
  named: string,
  cwd: string,
  spelled?: Parameters<typeof givenReport>[2],
): Promise<ComparedRun> {
  const path = await findReport(named, cwd)
  const report = givenReport(await readText(path), path, spelled)
  return { report, series: seriesOf(report, path) }
}

/**
 * Returns the series of a report, decompressed and decoded.
 * @throws BurstError (104) when the series cannot be read
 */
export function seriesOf({ series: { names, data }, errors }: Report, path: string): SeriesData {
  try {
    const bytes = inflateRawSync(Buffer.from(data, 'base64'), { maxOutputLength: seriesBytesCap })
    return decodeSeries(bytes, { names, errors: errors.length })
  } catch (cause) {
    throw unreadableSeries(path, cause)
  }
}

async function findReport(named: string, cwd: string): Promise<string> {
  const given = resolve(cwd, named)
  const folders = [given, ...(basename(named) === named ? [join(cwd, resultsFolder, named)] : [])]
  const candidates = [given, ...folders.flatMap((folder) => reportFiles.map((file) => join(folder, file)))]
  for (const path of candidates) {
    if ((await stat(path).catch(() => undefined))?.isFile()) return path
  }
  const folder = await firstFolder(folders)
  const what =
    folder === undefined
      ? `there is no report at '${named}'`
      : `${relative(cwd, folder) || folder} contains no ${reportFiles.join(' and no ')}`
  throw invalidInput(what, {
    hint: 'give a report.json, a report.html, the folder of a run, or the name of a run from burst list --local',
  })
}

async function firstFolder(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return path
  }
  return undefined
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > givenBytesCap) throw invalidInput(`${path} is too large to be a report: it has ${grouped(size)} bytes`)
  return readFile(path, 'utf8').catch((cause: Error) => {
    throw invalidInput(`${path} cannot be read: ${diskCause(cause)}`, { cause })
  })
}
