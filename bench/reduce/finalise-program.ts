import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileStore } from '../../cli/embedded/file-store.ts'
import { keys } from '../../functions/keys.ts'
import { finalise } from '../../functions/reducer/finalise.ts'
import type { Report } from '../../core/report/report.ts'
import { environment } from './drive.ts'

/**
 * The cost of making a report: the CPU time of the whole process, the elapsed time, the greatest memory of the whole process in MiB, and the sizes of
 * two files in megabytes (10⁶ bytes).
 */
export interface Finalised {
  cpuS: number
  wallS: number
  memoryMb: number
  reportMb: number
  htmlMb: number
  requests: number
  complete: boolean
  lost: string[]
}

/** Calls the real `finalise` for the run that is stored in the folder, and prints the cost of making the report. */
const [folder = ''] = process.argv.slice(2)
const store = new FileStore(folder)
const began = performance.now()
const event = { run: 'r1', events: [], failed: [], failure: null }
await finalise(
  event,
  environment(store, () => Date.now()),
)
const { user, system } = process.cpuUsage()
const report = JSON.parse((await store.get(keys.output('r1', 'report.json')))?.body ?? '') as Report
const sizeOf = async (file: 'report.json' | 'report.html'): Promise<number> =>
  (await stat(join(folder, keys.output('r1', file)))).size / 1e6
const result: Finalised = {
  cpuS: (user + system) / 1e6,
  wallS: (performance.now() - began) / 1000,
  memoryMb: process.resourceUsage().maxRSS / 1024,
  reportMb: await sizeOf('report.json'),
  htmlMb: await sizeOf('report.html'),
  requests: report.totals.requests,
  complete: report.completeness.complete,
  lost: report.completeness.lost.slice(0, 5),
}
process.stdout.write(JSON.stringify(result))
