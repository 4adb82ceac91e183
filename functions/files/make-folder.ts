import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { diskCode } from './disk.ts'

/**
 * Makes a folder and those around it that are missing, one after the other: Node's recursive `mkdir` may not return where the file system
 * takes no folders, as below /proc. A folder that is there already stays as it is.
 * @param mode of the folders that are made; default: as the process makes them
 * @returns the outermost folder that was made; undefined: none
 * @throws the system's error, or one that names the folder in which none can be made
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
    // The caller has the error that says why the folder could not be made.
    return false
  }
}

function noFolderIn(parent: string): Error {
  return new Error(`no folder can be made in ${parent}`)
}
