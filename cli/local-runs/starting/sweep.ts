import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ownFolder, ownerOf, unusable } from '../../../functions/files/temporary.ts'
import { discard, discardSecret, knownRun, namesIn, runsFolder } from '../run-folder.ts'

/** The time in milliseconds after which a kept store is removed. */
const keptMs = 7 * 24 * 3_600_000
/**
 * The age in milliseconds at which burst removes a folder without a record of its run. A younger folder may belong to a run that is starting and has
 * not written its record yet.
 */
const unclearMs = 3_600_000

/**
 * Removes the data of processes that have ended: temporary files and secret variables immediately, and the kept store of a run after a week.
 * @throws BurstError (97) when the temporary folder cannot be written
 */
export async function sweepStale(nowMs: number): Promise<void> {
  const root = await ownFolder()
  try {
    await sweep(root, nowMs)
  } catch (error) {
    throw unusable(root, error)
  }
}

async function sweep(root: string, nowMs: number): Promise<void> {
  for (const name of await namesIn(root)) {
    if (name !== runsFolder && (await isStale(name, join(root, name), nowMs))) await discard(join(root, name))
  }
  for (const name of await namesIn(join(root, runsFolder))) await sweepRun(join(root, runsFolder, name), name, nowMs)
}

async function sweepRun(folder: string, name: string, nowMs: number): Promise<void> {
  const known = await knownRun(name)
  if (known?.active) return
  if ((await ageOf(folder, nowMs)) > (known ? keptMs : unclearMs)) return discard(folder)
  if (known) await discardSecret(known)
  if (known?.keepStore === false) await discard(known.bundles)
}

/** Returns the time in milliseconds since a file was last created or removed in a folder; 0 when the folder does not exist. */
async function ageOf(folder: string, nowMs: number): Promise<number> {
  const found = await stat(folder).catch(() => undefined)
  return found ? nowMs - found.mtimeMs : 0
}

/**
 * Returns true if a folder may be removed. burst cannot check whether a process in a different namespace is still running. The folder of such a
 * process may be removed when no file has been created or removed in it for a week.
 */
async function isStale(name: string, path: string, nowMs: number): Promise<boolean> {
  const owner = ownerOf(name)
  if (owner === 'unknown') return (await ageOf(path, nowMs)) > keptMs
  return owner === 'ended'
}
