import { startLocalRun } from '../../../cli/embedded/local-run.ts'
import { planOf } from '../../fixtures/run.ts'

// Executes a run in the given folder, and prints the result of the run. The test limits the size of a file; the effect is the same as on a full disk.
const timing = {
  startLeadMs: 200,
  startNoticeMs: 100,
  controlPollMs: 100,
  leaseMs: 5000,
  drainMs: 500,
  stopMs: 500,
  graceMs: 1000,
}
const run = await startLocalRun({
  plan: planOf({ profile: { points: [{ atMs: 0, level: 10 }], endMs: 500 }, timing, flushMs: 200 }),
  bundle: { hash: 'b1', code: 'export default {}' },
  storeDir: process.argv[2] as string,
  stages: new URL('run-stages.ts', import.meta.url).href,
})
const end = await run.done.then(
  (report) => report.verdict,
  (error: unknown) => error,
)
process.stdout.write(
  JSON.stringify({ ...(end as object), message: (end as Error).message, pids: run.pids(), files: await run.outputs() }),
)
