import { type Dirent, type Stats, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { invalidInput } from '../../../core/errors.ts'
import { diskCause } from '../../../functions/files/disk.ts'

/** A file and its size in bytes. */
export interface FileBelow {
  path: string
  size: number
}

/**
 * Returns all files below a folder. Skips hidden files and hidden folders, and the folders `node_modules` and `burst-results`. Follows links to
 * files. Does not follow links to folders, because such a link may lead to a parent folder. The caller may stop the iteration early.
 * @throws BurstError (104) when a folder or a file cannot be read
 */
export function* filesBelow(folder: string): Generator<FileBelow> {
  for (const entry of read(folder, () => readdirSync(folder, { withFileTypes: true }))) {
    if (isLeftOut(entry)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const stat = read(path, (): Stats | undefined => statSync(path, { throwIfNoEntry: !entry.isSymbolicLink() }))
      if (stat?.isFile() === true) yield { path, size: stat.size }
    }
  }
}

function isLeftOut({ name }: Dirent): boolean {
  return name.startsWith('.') || name === 'node_modules' || name === 'burst-results'
}

function read<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw unreadableFile(path, error)
  }
}

export function unreadableFile(path: string, error: unknown): Error {
  return invalidInput(`${path} cannot be read: ${diskCause(error)}`, {
    hint: 'burst copies the whole folder to every worker: make all its files readable, or name a folder that contains only files of the scenario',
  })
}
