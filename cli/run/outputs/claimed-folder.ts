import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { invalidInput } from '../../../core/errors.ts'
import { runName } from '../../../core/input/bounds.ts'
import { diskCode } from '../../../functions/files/disk.ts'
import { identityEntries, isProcessRunning, ownIdentity } from '../../ending/process-identity.ts'
import { unwritable } from './result-files.ts'

/** The name of the file by which a run in progress claims the folder of `--out`. */
const claimFile = '.burst-run.json'
const claimSchema = v.object({ run: v.pipe(v.string(), v.regex(runName)), ...identityEntries })
type Claim = v.InferOutput<typeof claimSchema>

/** The maximum time in milliseconds that a process needs to write a claim file after it has created the file. */
const writingMs = 200

/**
 * Claims the folder of `--out` for a run. Without a claim, two runs that write to one folder at the same time would overwrite each other's results.
 * Replaces the claim of a process that has ended. Also replaces the claim of a process in another container, because burst cannot determine the state
 * of such a process.
 * @returns a function that ends the claim
 * @throws BurstError (104) when another run in progress has claimed the folder, (97) when the folder cannot be written
 */
export async function claimFolder(folder: string, run: string): Promise<() => Promise<void>> {
  const path = join(folder, claimFile)
  while (!(await isCreated(path, { run, ...ownIdentity() }))) {
    refuseClaim(folder, (await claimIn(path)) ?? (await sleep(writingMs, path).then(claimIn)))
    await rm(path, { force: true })
  }
  return async () => {
    try {
      await rm(path, { force: true })
    } catch (error) {
      // Ignores a disk error, for example if the folder was removed, replaced or made read-only during the run. Later runs ignore the claim of an
      // ended process.
      if (diskCode(error) === '') throw error
    }
  }
}

/**
 * Checks that no run in progress has claimed a folder. A command that writes the files of a finished run does not claim the folder itself.
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

async function isCreated(path: string, claim: Claim): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(claim), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw unwritable(dirname(path), error)
  }
}

/** Returns the claim in a file; undefined if the file does not exist any more or is not complete. */
async function claimIn(path: string): Promise<Claim | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), claimSchema), text)
  return parsed.success ? parsed.output : undefined
}
