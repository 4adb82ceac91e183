import { randomUUID } from 'node:crypto'
import { access, constants, copyFile, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { diskCause, diskCode, isWrongPath } from '../../../functions/files/disk.ts'
import { makeFolder } from '../../../functions/files/make-folder.ts'
import { outputFiles, workerFileName } from '../../../functions/keys.ts'

/** The file that is written last. If it exists, all other files exist and are complete. */
const seal = 'report.json'

/** Returns the folder for the files of a run: `out`, or `burst-results/<run>` in `cwd`. */
export function outputFolder({ cwd, out }: { cwd: string; out: string | undefined }, run: string): string {
  return resolve(cwd, out ?? join('burst-results', run))
}

/**
 * Creates the folder and checks that it is writable. A run does not start if its results cannot be written.
 * @returns a function that the caller calls if the run does not start. The function removes the folders that `prepareOutputs` created, if they are
 * empty.
 * @throws BurstError (104) when the path is wrong or a folder has the name of a result file, (97) when the disk fails
 */
export async function prepareOutputs(folder: string): Promise<() => Promise<void>> {
  const probe = join(folder, temporaryName('probe'))
  try {
    const first = await makeFolder(folder)
    await writeWhole(probe, 'burst')
    await rm(probe)
    await refuseFolders(folder)
    return async () => removeEmpty(folder, first)
  } catch (error) {
    if (error instanceof BurstError) throw error
    throw isWrongPath(error) ? invalidInput(...unwritableWords(folder, error)) : unwritable(folder, error)
  }
}

/**
 * Checks the path of `--out`, if there is one, before the scenario is loaded. Does not create the folder, because another run may use the same
 * folder.
 * @throws BurstError (104) when the path is wrong or cannot be read, or when a folder has the name of a result file
 */
export async function checkOut({ cwd, out }: { cwd: string; out: string | undefined }): Promise<void> {
  if (out === undefined) return
  const folder = resolve(cwd, out)
  try {
    await access(await nearestFolder(folder), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw invalidInput(...unwritableWords(folder, error))
  }
  await refuseFolders(folder)
}

/**
 * Returns the path if it exists; otherwise its closest parent that exists. Throws an error with the code EEXIST if the result would not be a folder.
 */
async function nearestFolder(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path
  } catch (error) {
    if (diskCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    return nearestFolder(dirname(path))
  }
  throw Object.assign(new Error(), { code: 'EEXIST' })
}

/** @throws BurstError (104) when a folder has the name of a result file, because a file cannot replace a folder */
async function refuseFolders(folder: string): Promise<void> {
  for (const name of outputFiles) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isDirectory()) throw invalidInput(...unwritableWords(folder, new Error(`${name} in it is a folder`)))
  }
}

/** Removes `folder` and its parents up to `first`. Does not remove a folder that contains files. */
async function removeEmpty(folder: string, first: string | undefined): Promise<void> {
  if (first === undefined || !folder.startsWith(first)) return
  try {
    await rmdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY') return
    throw error
  }
  await removeEmpty(dirname(folder), first)
}

/**
 * Writes all result files under temporary names and then renames them, `report.json` last. If one file cannot be written, no file is renamed. Removes
 * the profiles and samples of an earlier run, because these files do not belong to the new report.
 * @param copied the paths of the files that are copied to the folder; the key is the name of the copy
 * @returns the paths of `files` in the folder, in the order of `files`; does not contain the paths of `copied`
 * @throws BurstError (97) when a file cannot be written
 */
export async function writeOutputs(
  folder: string,
  files: Readonly<Record<string, string>>,
  copied: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const names = Object.keys({ ...copied, ...files }).toSorted((a, b) => Number(a === seal) - Number(b === seal))
  const temporary = new Map(names.map((name) => [name, join(folder, temporaryName(name))]))
  try {
    await makeFolder(folder)
    for (const [name, path] of temporary) {
      const content = files[name]
      await (content === undefined ? copyFile(copied[name] as string, path) : writeWhole(path, content))
    }
    await rm(join(folder, seal), { force: true })
    await removeWorkerFiles(folder, names)
    for (const [name, path] of temporary) await rename(path, join(folder, name))
  } catch (error) {
    await Promise.allSettled([...temporary.values()].map((path) => rm(path, { force: true })))
    throw unwritable(folder, error)
  }
  return Object.keys(files).map((name) => join(folder, name))
}

async function removeWorkerFiles(folder: string, except: readonly string[]): Promise<void> {
  const found = await readdir(folder).catch(() => [])
  for (const name of found) {
    if (workerFileName.test(name) && !except.includes(name)) await rm(join(folder, name), { force: true })
  }
}

async function writeWhole(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

function temporaryName(name: string): string {
  return `.${name}.${randomUUID()}.part`
}

/** Returns the error (97) for a folder to which burst cannot write the results. */
export function unwritable(folder: string, cause: unknown): BurstError {
  return new BurstError('runFailed', ...unwritableWords(folder, cause))
}

function unwritableWords(folder: string, cause: unknown): [message: string, more: { hint: string; cause: unknown }] {
  const message = `cannot write results to ${folder}: ${diskCause(cause)}`
  return [message, { hint: 'choose another folder with --out', cause }]
}
