import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { type Ended, burst, startBurst } from '../command-line.ts'
import { project } from '../journey.ts'

/**
 * A target, a folder with scenarios that load the target, and a separate folder for temporary files. Because the folder for temporary files is new,
 * burst does not list other runs of the machine.
 */
export interface LocalRuns {
  target: CountingTarget
  folder: string
  temporary: string
  /** Runs a burst command and waits until it exits. */
  here: (...args: string[]) => Promise<Ended>
  /** Starts a command of burst. */
  start: (...args: string[]) => ReturnType<typeof startBurst>
  close: () => Promise<void>
}

/**
 * @param files a function that receives the origin of the target, and returns an object with the text of each file; the keys are the file names
 * @param env additional environment variables for the commands
 */
export async function openLocalRuns(
  files: (origin: string) => Record<string, string>,
  env: NodeJS.ProcessEnv = {},
): Promise<LocalRuns> {
  const target = await startCountingTarget()
  const temporary = await mkdtemp(join(tmpdir(), 'burst-local-runs-'))
  const folder = await project(files(target.origin))
  return {
    target,
    folder,
    temporary,
    here: (...args) => burst(args, folder, { ...env, TMPDIR: temporary }),
    start: (...args) => startBurst(args, folder, { ...env, TMPDIR: temporary }),
    close: async () => {
      await target.close()
      await rm(temporary, { recursive: true, force: true })
    },
  }
}
