import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ownFolder, ownerOf, processSpace, unusable } from './temporary.ts'

/** The removal that is in progress or has succeeded. */
let removed: Promise<void> | undefined

/**
 * Removes the folders that killed processes left behind. After a call has succeeded, further calls of the same process have no effect. If a process
 * of a function is killed, Lambda keeps the content of /tmp for the next process (Lambda Developer Guide, "Lambda execution environment lifecycle").
 * The bundle of the killed process contains the rows of its data files, and the scenario of another run could read these rows.
 * @throws BurstError (97) when the folder of burst cannot be read or a folder in it cannot be removed; the next call tries again
 */
export async function removeLeftFolders(): Promise<void> {
  const mine = (removed ??= remove())
  try {
    await mine
  } catch (error) {
    if (removed === mine) removed = undefined
    throw error
  }
}

async function remove(): Promise<void> {
  const root = await ownFolder()
  // This process creates its first folder only after a removal has succeeded. If the name of a folder already contains the id of this process, an
  // earlier process with the same id created the folder.
  const mine = `${process.pid}-${processSpace()}-`
  try {
    const left = (await readdir(root)).filter((name) => name.startsWith(mine) || ownerOf(name) === 'ended')
    for (const name of left) await rm(join(root, name), { recursive: true, force: true })
  } catch (error) {
    throw unusable(root, error)
  }
}
