import { type Stats, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, relative, sep } from 'node:path'
import { invalidInput } from '../../../core/errors.ts'
import { diskCause } from '../../../functions/files/disk.ts'
import { userFrame } from '../stack-frames.ts'
import { filesBelow, unreadableFile } from './files-below.ts'
import { namedFiles } from './named-files.ts'
import { type ScenarioFile, shownPath } from '../scenario-file.ts'
import { statIfThere } from './stat-if-there.ts'
import type { SourceText } from '../sources.ts'
import type { WatchedRead } from '../describe/watched-reads.ts'

/** The files that burst adds to the bundle as bytes: files that the code of the scenario reads, and the files of `--files`. */
export interface CollectedFiles {
  /** The bytes of each file. The key is the path relative to the scenario's folder, with `/` as the separator. */
  files: Map<string, Uint8Array>
  /**
   * The path from the scenario's folder to the working folder. Null if burst does not copy any file that the scenario names with a path relative to
   * the working folder.
   */
  cwd: string | null
  /** The files of `--files`. The key is the path in the folder of `--files`. */
  shipped: Map<string, Uint8Array>
  warnings: string[]
}

interface Wanted {
  path: string
  folder: boolean
  relative: boolean
  /** The `file:line` of the user's code that reads the file; undefined if the code of a package reads the file. */
  at: string | undefined
}

/** The maximum total size of the copied files in bytes. Each worker stores these files in memory and on disk. */
const mostBytes = 64 * 2 ** 20
/** The limits for a folder that the scenario reads. A folder that exceeds a limit is not copied, and burst adds a warning. */
const folderCap = { files: 500, bytes: 16 * 2 ** 20 }

/**
 * Collects the files of `--files`, the files that the scenario read while it was loaded, and the files whose paths occur in its sources.
 * @throws BurstError (104) when the files exceed the total limit, when a folder or a file of `--files` cannot be read, or when the user's own code
 * reads a `.env` file
 */
export async function collectFiles(
  reads: readonly WatchedRead[],
  { file, sources, filesFolder }: { file: ScenarioFile; sources: readonly SourceText[]; filesFolder: string | null },
): Promise<CollectedFiles> {
  const code = new Set(sources.map(({ path }) => path))
  const wanted: Wanted[] = [
    ...reads
      .filter(({ path }) => !isIn(filesFolder, path))
      .map((read) => ({ ...read, at: userFrame(read.stack, sources) })),
    ...namedFiles(sources, file.cwd).filter(({ path }) => !code.has(path)),
  ]
  const collected: CollectedFiles = { files: new Map(), cwd: null, shipped: new Map(), warnings: [] }
  const budget = { left: mostBytes }
  if (filesFolder !== null) await ship(filesFolder, { collected, file, budget })
  for (const one of wanted) {
    const paths = one.folder ? contentsOf(one, collected, file) : [one.path]
    for (const path of paths) await add(path, one, { collected, file, budget })
  }
  return { ...collected, warnings: [...new Set(collected.warnings)] }
}

/** @throws BurstError (104) when the value of `--files` is not a folder, or cannot be read */
export function checkedFolder(folder: string, named: string): string {
  const hint = 'name a folder with files that file() may read'
  let stat: Stats | undefined
  try {
    stat = statSync(folder, { throwIfNoEntry: false })
  } catch (cause) {
    throw invalidInput(`--files is ${named}, which cannot be read: ${diskCause(cause)}`, { hint, cause })
  }
  if (stat?.isDirectory() === true) return folder
  throw invalidInput(`--files is ${named}, which is not a folder`, { hint })
}

function isIn(folder: string | null, path: string): boolean {
  return folder !== null && path.startsWith(`${folder}${sep}`)
}

async function ship(folder: string, { collected, file, budget }: Adding): Promise<void> {
  for (const { path, size } of filesBelow(folder)) {
    const place = relative(folder, path).split(sep).join('/')
    spend(budget, size, { name: shownPath(path, file.cwd), at: undefined })
    const bytes = await readFile(path).catch((error: unknown) => Promise.reject(unreadableFile(path, error)))
    collected.shipped.set(place, bytes)
  }
}

interface Adding {
  collected: CollectedFiles
  file: ScenarioFile
  budget: { left: number }
}

async function add(path: string, wanted: Wanted, { collected, file, budget }: Adding): Promise<void> {
  const stat = statIfThere(path)
  if (!stat?.isFile()) return
  const place = relative(file.folder, path).split(sep).join('/')
  const name = shownPath(path, file.cwd)
  if (/^\.env(?:\.|$)/.test(basename(path))) return refuseSecrets(name, wanted)
  if (!mayBeCopied(place, path)) return warn(name, wanted, collected)
  if (wanted.relative) collected.cwd = relative(file.folder, file.cwd)
  if (collected.files.has(place)) return
  const bytes = await readFile(path).catch((error: unknown) => warnOfUnreadable(name, error, { wanted, collected }))
  if (bytes === undefined) return
  spend(budget, stat.size, { name, at: wanted.at })
  collected.files.set(place, bytes)
}

function spend(budget: Adding['budget'], bytes: number, { name, at }: { name: string; at: string | undefined }): void {
  budget.left -= bytes
  if (budget.left >= 0) return
  throw invalidInput(
    `with ${name}, the files that the scenario reads are larger than ${mostBytes / 2 ** 20} MiB in total`,
    {
      ...(at && { at }),
      hint: 'burst copies these files to every worker: read fewer or smaller files',
    },
  )
}

/**
 * Throws if the user's own code reads a `.env` file. If a package reads such a file, burst does not copy the file and does not throw. The worker gets
 * the variables of the environment files in `process.env`.
 */
function refuseSecrets(name: string, { at }: Wanted): void {
  if (at === undefined) return
  throw invalidInput(`the scenario reads ${name} as a file, but burst never copies .env files to the workers`, {
    at,
    hint: 'burst itself puts the variables of .env or --env-file into process.env',
  })
}

/**
 * Returns true if a file may be copied. The file and the scenario must have a common parent folder other than the root. Hidden files outside the
 * scenario's folder are not copied, because they often contain secrets.
 */
function mayBeCopied(place: string, path: string): boolean {
  if (!place.startsWith('../')) return true
  const down = place.replace(/^(?:\.\.\/)+/, '')
  return path !== `/${down}` && !down.split('/').some((part) => part.startsWith('.'))
}

function warn(name: string, { at }: Wanted, collected: CollectedFiles): void {
  if (at === undefined) return
  collected.warnings.push(`${at}: ${name} is outside the project and is not copied to the workers`)
}

/** Adds a warning about an unreadable file. Does not throw, because a scenario that handles the read error can run without the file. */
function warnOfUnreadable(
  name: string,
  error: unknown,
  { wanted: { at }, collected: { warnings } }: { wanted: Wanted; collected: CollectedFiles },
): undefined {
  if (at !== undefined) warnings.push(`${at}: ${name} is not copied to the workers: ${diskCause(error)}`)
}

function contentsOf({ path, at }: Wanted, collected: CollectedFiles, { cwd }: ScenarioFile): string[] {
  const files: string[] = []
  let bytes = 0
  for (const file of filesBelow(path)) {
    files.push(file.path)
    bytes += file.size
    if (files.length > folderCap.files || bytes > folderCap.bytes) {
      if (at !== undefined) warnOfFolder(shownPath(path, cwd), at, collected)
      return []
    }
  }
  return files
}

function warnOfFolder(name: string, at: string, { warnings }: CollectedFiles): void {
  const most = `${folderCap.files} files or more than ${folderCap.bytes / 2 ** 20} MiB`
  warnings.push(`${at}: the folder ${name} is not copied to the workers: it has more than ${most}`)
}
