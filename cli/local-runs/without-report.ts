import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BurstError, invalidInput } from '../../core/errors.ts'
import { runName } from '../../core/input/bounds.ts'
import { few } from '../../core/words.ts'
import { diskCause } from '../../functions/files/disk.ts'
import { resultsFolder } from './past.ts'

/**
 * Returns the error for a path at which `burst report` finds no report. The error says what is missing. Returns undefined if `named` may be the name
 * of a run: `named` contains no slash or backslash, does not end in `.json`, and is not the name of a folder.
 */
export async function withoutReport(named: string, cwd: string): Promise<BurstError | undefined> {
  for (const path of [named, ...(runName.test(named) ? [join(resultsFolder, named)] : [])]) {
    if (await isFolder(resolve(cwd, path))) return inFolder(path, cwd)
  }
  if (!/[/\\]|\.json$/.test(named)) return undefined
  return invalidInput(`there is no file or folder ${named}`, { hint: 'burst list --local names the runs' })
}

async function inFolder(path: string, cwd: string): Promise<BurstError> {
  const folder = resolve(cwd, path)
  try {
    const names = (await readdir(folder)).toSorted()
    return invalidInput(`${path} contains no report.json`, { hint: await hintFor(path, folder, names) })
  } catch (cause) {
    return invalidInput(`${path} cannot be read: ${diskCause(cause)}`, { cause })
  }
}

async function hintFor(path: string, folder: string, names: readonly string[]): Promise<string> {
  const wanted = 'name the folder with the files of a run, or its report.json'
  if (names.length === 0) return `the folder is empty; ${wanted}`
  if (names.includes('report.html')) return `burst ui ${join(path, 'report.html')} shows the report in the browser`
  const isRun = await Promise.all(names.map(async (name) => isFile(join(folder, name, 'report.json'))))
  const runs = names.filter((_, at) => isRun[at]).map((name) => join(path, name))
  return runs.length > 0 ? `name one of its runs: ${few(runs.toReversed())}` : `it contains ${few(names)}; ${wanted}`
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}
