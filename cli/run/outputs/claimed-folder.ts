import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { runName } from '../../../core/input/bounds.ts'
import { diskCode } from '../../../functions/files/disk.ts'
import { whileLocked } from '../../ending/file-lock.ts'
import { identityEntries, isProcessRunning, ownIdentity } from '../../ending/process-identity.ts'
import { unwritable } from './result-files.ts'

/** The name of the file by which a run in progress claims the folder of `--out`. */
const claimFile = '.burst-run.json'
/** The name of the lock file. A process that claims the folder creates this file, so that other processes wait. */
const lockFile = '.burst-run.lock'
const claimSchema = v.object({ run: v.pipe(v.string(), v.regex(runName)), ...identityEntries })
type Claim = v.InferOutput<typeof claimSchema>

/**
 * Claims the folder of `--out` for a run. Without a claim, two runs that write to one folder at the same time would overwrite each other's results.
 * Replaces the claim of a process that has ended. Also replaces the claim of a process in another container, because burst cannot determine the state
 * of such a process.
 * @returns a function that ends the claim
 * @throws BurstError (104) when another run in progress has claimed the folder, (97) when the folder cannot be written
 */
export async function claimFolder(folder: string, run: string): Promise<() => Promise<void>> {
  const path = join(folder, claimFile)
  const claim = JSON.stringify({ run, ...ownIdentity() })
  try {
    // Without the lock, two processes could read the same claim of an ended process and both replace it. The process that writes last would then
    // overwrite the claim of the other process.
    await whileLocked(join(folder, lockFile), async () => {
      refuseClaim(folder, await claimIn(path))
      await writeWhole(path, claim)
    })
  } catch (error) {
    throw error instanceof BurstError ? error : unwritable(folder, error)
  }
  return async () => {
    try {
      if ((await readFile(path, 'utf8')) === claim) await rm(path, { force: true })
    } catch (error) {
      // Ignores a disk error, which occurs for example if the folder was removed, replaced or made read-only during the run. A claim that remains in
      // the folder does no harm, because later runs ignore the claim of an ended process.
      if (diskCode(error) === '') throw error
    }
  }
}

/**
 * Checks that no run in progress has claimed a folder. A command that writes the files of a finished run makes this check, but does not claim the
 * folder.
 * @throws BurstError (104) when a run in progress has claimed the folder
 */
export async function checkUnclaimed(folder: string): Promise<void> {
  refuseClaim(folder, await claimIn(join(folder, claimFile)))
}

function refuseClaim(folder: string, claim: Claim | undefined): void {
  if (!claim || isProcessRunning(claim) !== true) return
  throw invalidInput(`run ${claim.run} (process ${claim.pid}) is in progress and writes its results to ${folder}`, {
    hint: 'choose another folder with --out, or wait until that run has ended',
  })
}

/** Replaces the file as a whole, because other commands read the claim without the lock. */
async function writeWhole(path: string, content: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`
  try {
    await writeFile(beside, content, { flag: 'wx' })
    await rename(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}

/** Returns the claim in a file; undefined if the file does not exist or is not complete. */
async function claimIn(path: string): Promise<Claim | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), claimSchema), text)
  return parsed.success ? parsed.output : undefined
}
