import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NoFolderError, diskCode } from './disk.ts'

/**
 * Creates a folder and its missing parents, one at a time. Does not use Node's recursive `mkdir`, which may hang if the file system does not allow
 * new folders, for example in /proc. An existing folder is not changed.
 * @param mode the permissions of the created folders; default: the default permissions of Node
 * @returns the outermost created folder; undefined if all folders existed
 * @throws the system's error, or an error that names the folder in which no folder can be created
 */
export async function makeFolder(path: string, mode?: number): Promise<string | undefined> {
  const first = await made(path, mode)
  if (first === 'made') return path
  if (first === 'was there') return undefined
  const parent = dirname(path)
  if (parent === path) throw noFolderIn(path)
  const outermost = await makeFolder(parent, mode)
  const second = await made(path, mode)
  if (second === 'no parent') throw noFolderIn(parent)
  return outermost ?? (second === 'made' ? path : undefined)
}

async function made(path: string, mode: number | undefined): Promise<'made' | 'was there' | 'no parent'> {
  try {
    await mkdir(path, { ...(mode !== undefined && { mode }) })
    return 'made'
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return 'no parent'
    if (await isFolder(path)) return 'was there'
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // The error of `stat` is not thrown. Instead, `made` throws the error of `mkdir`, which says why the folder could not be created.
    return false
  }
}

function noFolderIn(parent: string): Error {
  return new NoFolderError(`no folder can be created in ${parent}`)
}
