import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ownFolder, ownerOf, processSpace, unusable } from './temporary.ts'

let removed: Promise<void> | undefined

/**
 * Removes the folders that killed processes left behind. Only the first call in a process has an effect. If a process of a function is killed, Lambda
 * keeps the content of /tmp for the next process (Lambda Developer Guide, "Lambda execution environment lifecycle"). The bundle of the killed process
 * contains the rows of its data files, and the scenario of another run could read these rows.
 * @throws BurstError (97) when the folder of burst cannot be read or a folder in it cannot be removed; every later call throws the same error
 */
export async function removeLeftFolders(): Promise<void> {
  await (removed ??= remove())
}

async function remove(): Promise<void> {
  const root = await ownFolder()
  // This process has not created a folder yet, so a folder with its number belongs to an earlier process that had the same number.
  const mine = `${process.pid}-${processSpace()}-`
  try {
    const left = (await readdir(root)).filter((name) => name.startsWith(mine) || ownerOf(name) === 'ended')
    for (const name of left) await rm(join(root, name), { recursive: true, force: true })
  } catch (error) {
    throw unusable(root, error)
  }
}
