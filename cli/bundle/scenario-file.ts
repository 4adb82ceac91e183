import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type BurstError, invalidInput } from '../../core/errors.ts'
import { few } from '../../core/words.ts'
import { diskCause } from '../../functions/files/disk.ts'

/** A scenario file that exists and can be read. */
export interface ScenarioFile {
  /** The absolute path, with symbolic links resolved. */
  path: string
  folder: string
  cwd: string
  /** The file's path in messages, relative to `cwd`. */
  shown: string
}

/** @throws BurstError (104) when the file does not exist, is not a regular file, cannot be read or is not UTF-8 text */
export async function findScenarioFile(file: string, cwd: string): Promise<ScenarioFile> {
  const asked = resolve(cwd, file)
  try {
    const path = await realpath(asked)
    // Checks the kind of the file before reading, because reading a named pipe would wait for a writer, and reading a device might never end.
    const found = await stat(path)
    if (!found.isFile() && !found.isDirectory())
      throw invalidInput(`${file} is not a file: it is a pipe, a socket or a device`)
    decodeUtf8(await readFile(path), file)
    return { path, folder: dirname(path), cwd, shown: shownPath(asked, cwd) }
  } catch (cause) {
    throw await unusable(cause as NodeJS.ErrnoException, file, asked)
  }
}

/** Returns `path` relative to `cwd`, as a user would type it. If the relative path leads out of `cwd` and is longer than `path`, returns `path`. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') && short.length > path.length ? path : short
}

/**
 * Returns the text of a UTF-8 file, without a byte order mark.
 * @throws BurstError (104) when the file is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalidInput(`${shown} is not UTF-8 text`, { cause, hint: 'save the file as UTF-8' })
  }
}

async function unusable(cause: NodeJS.ErrnoException, file: string, asked: string): Promise<BurstError> {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    return invalidInput(`there is no file ${file}`, { cause, hint: await suggestion(dirname(file), dirname(asked)) })
  }
  if (cause.code === 'EISDIR') {
    return invalidInput(`${file} is a folder; name the scenario file in it`, {
      cause,
      hint: await suggestion(file, asked),
    })
  }
  return cause.code === undefined
    ? (cause as unknown as BurstError)
    : invalidInput(`${file} cannot be read: ${diskCause(cause)}`, { cause })
}

/**
 * Returns a hint for a scenario file that burst cannot use. If the folder contains scenario files, the hint names them and a command that runs the
 * first one. If the folder contains no scenario file, the hint names `burst init`. If the folder cannot be read, the hint asks the user to check the
 * path.
 */
async function suggestion(shown: string, folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => undefined)
  if (names === undefined) return `there is no folder ${shown} either; check the path`
  const scenarios = names.filter((name) => /\.burst\.[cm]?[jt]s$/.test(name)).toSorted()
  const [first] = scenarios
  const place = shown === '.' ? 'this folder' : shown
  if (first === undefined) return `no file in ${place} ends in .burst.ts; 'burst init' writes a first scenario`
  return `${place} contains ${few(scenarios)}; type 'burst run ${join(shown, first)}'`
}
