import { readlinkSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { BurstError } from '../../core/errors.ts'
import { diskCause } from './disk.ts'

/** The environment variable that contains the path of the folder for a process's temporary files. Default: burst's own folder for this user. */
export const workFolderVariable = 'BURST_WORK_FOLDER'

/**
 * The file name of a bundle. The name must differ from the file name of every scenario. Otherwise, stack frames of the scenario would be mistaken for
 * frames of the bundle.
 */
const bundleName = 'burst-bundle.mjs'

/** A bundle as a file in its own folder. */
export interface PlacedBundle {
  file: string
  folder: string
  remove: () => Promise<void>
}

/**
 * Writes a scenario's bundle into a new temporary folder.
 * @throws BurstError (97) that names the folder and the cause
 */
export async function placeBundle(code: string): Promise<PlacedBundle> {
  const folder = await realpath(await temporaryFolder())
  const file = join(folder, bundleName)
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await writeFile(file, code)
  } catch (error) {
    await remove()
    throw unusable(folder, error)
  }
  return { file, folder, remove }
}

/**
 * Creates a new folder for temporary files. The name begins with the id of the process, so that folders of killed processes can be distinguished from
 * folders in use. The parent is the folder in `workFolderVariable`, or else `ownFolder`.
 * @throws BurstError (97) that names the parent and the cause, when the folder cannot be created
 */
export async function temporaryFolder(): Promise<string> {
  const parent = process.env[workFolderVariable] ?? (await ownFolder())
  try {
    return await mkdtemp(join(parent, `${process.pid}-${processSpace()}-`))
  } catch (error) {
    throw unusable(parent, error)
  }
}

/**
 * Returns the folder for all files that burst keeps for this user. The folder is inside the system's temporary folder, and only this user can read
 * the folder.
 * @throws BurstError (97) when the folder cannot be created, or another user created it
 */
export async function ownFolder(): Promise<string> {
  const folder = join(tmpdir(), `burst-${process.getuid?.() ?? userInfo().username}`)
  try {
    await mkdir(folder, { mode: 0o700 }).catch(unlessThere)
    await keepPrivate(folder)
    return folder
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** Makes sure that only this user can read the folder, because the bundle of a scenario contains the rows of its data files. */
async function keepPrivate(folder: string): Promise<void> {
  const found = await lstat(folder)
  const isOwn = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid())
  if (!isOwn) throw new Error('another user created the folder')
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) await chmod(folder, 0o700)
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

/**
 * Returns the state of the process that created the temporary folder with this name. `unknown` means that the process belongs to a different set of
 * processes (`processSpace`). Returns undefined if `name` is not the name of a temporary folder.
 */
export function ownerOf(name: string): 'running' | 'ended' | 'unknown' | undefined {
  const [, pid, space] = /^(\d+)-(\d+)-/.exec(name) ?? []
  if (pid === undefined) return undefined
  if (space !== processSpace()) return 'unknown'
  return isRunning(Number(pid)) ? 'running' : 'ended'
}

/** Returns true if a process with this number exists. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Returns the id of the set of processes within which process ids are unique. Containers that share a temporary folder have separate sets of
 * processes.
 */
export function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    // Systems without /proc have only one set.
    return '0'
  }
}

/** Returns the error for a temporary folder that cannot be written. */
export function unusable(folder: string, cause: unknown): BurstError {
  const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR'
  return new BurstError('runFailed', `cannot write to the temporary folder ${folder}: ${diskCause(cause)}`, {
    hint: `set ${variable} to a folder that can be written`,
    cause,
  })
}
