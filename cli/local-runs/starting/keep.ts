import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { keys } from '../../../functions/keys.ts'
import { FileStore } from '../../embedded/file-store.ts'
import type { OpenRun } from '../run-folder.ts'

interface Ended {
  plan: RunPlan
  open: OpenRun
  keepStore: boolean
}

/**
 * Keeps or removes the data of a run that ended with an error. Keeps the data if they contain a report or counts, or if `keepStore` is true.
 * @returns the error. If data are kept and the error is a BurstError, its hint names the folder of the data and, if possible, the command for the
 * report.
 */
export async function keepAfter(error: unknown, ended: Ended): Promise<unknown> {
  try {
    return await kept(error, ended)
  } catch {
    // If the data cannot be kept, the user gets only the error of the run. That error is more useful than the error about the temporary folder.
    return error
  }
}

async function kept(error: unknown, { plan, open, keepStore }: Ended): Promise<unknown> {
  const left = await leftIn(open, plan.run)
  if (left === undefined && !keepStore) {
    await open.remove()
    return error
  }
  await (keepStore ? open.keepAll() : open.keepCounts())
  if (!(error instanceof BurstError)) return error
  const { reason, message, at, hint: first } = error
  const hint = [
    ...(first === undefined || left === 'report' ? [] : [first]),
    noteOn({ left, hasCause: first !== undefined }, plan.run, open),
  ].join('; ')
  return new BurstError(reason, message, { hint, cause: error, ...(at === undefined ? {} : { at }) })
}

type Left = 'report' | 'counts' | undefined

async function leftIn({ storeDir }: OpenRun, run: string): Promise<Left> {
  const store = new FileStore(storeDir)
  if ((await store.list(keys.output(run, 'report.json'))).length > 0) return 'report'
  return (await store.list(keys.shards(run))).length > 0 ? 'counts' : undefined
}

/** `hasCause` is true if a person must remove the cause of the error, such as a full disk, before the report can be made. */
function noteOn({ left, hasCause }: { left: Left; hasCause: boolean }, run: string, { storeDir }: OpenRun): string {
  const again = `burst report ${run} --local`
  if (left === 'report')
    return `the report is kept in ${storeDir}/runs/${run}; ${again} --out <folder> writes the report to another folder`
  if (left === 'counts') {
    const [before, after] = hasCause ? ['after the cause is removed, ', ', with the same TMPDIR as this run'] : ['', '']
    return `the counts are kept in ${storeDir}; ${before}${again} --finalize makes a report from the counts${after}`
  }
  return `the store is kept in ${storeDir}`
}
