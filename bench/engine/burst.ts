import { setTimeout as sleep } from 'node:timers/promises'
import { runSlice } from '../../test/functions/worker/slice-run.ts'
import { shopper } from './shopper.ts'
import type { EngineRun, EngineRunOptions } from './engine-run.ts'

/**
 * Runs burst's real worker with a complete scenario. The scenario has weighted tasks, an expectation and cookies. For each request, the worker
 * records the latency and the time from the planned start. The worker also records health data, and sends a window every 5 s. After one second of
 * warm-up, the program measures for `seconds` seconds, and prints the results.
 */
const { origin, path, users, seconds } = JSON.parse(process.argv[2] as string) as EngineRunOptions
const used = { cpuUs: 0, elapsedMs: 0 }
const { window } = await runSlice({
  scenario: shopper(origin, path),
  host: origin,
  options: { users, spawnRate: users * 10, runTimeMs: (seconds + 2) * 1_000 },
  // The time between two reads of the control file. This time is the same as in a local run.
  plan: (plan) => ({ ...plan, timing: { ...plan.timing, controlPollMs: 500 } }),
  during: async ({ startAt }) => {
    await sleep(startAt + 1_000 - Date.now())
    const [fromMs, cpu] = [performance.now(), process.cpuUsage()]
    await sleep(seconds * 1_000)
    used.elapsedMs = performance.now() - fromMs
    const { user, system } = process.cpuUsage(cpu)
    used.cpuUs = user + system
  },
})
const counted = Array.from({ length: seconds }, (_, second) => window.seconds.get(second + 1)?.requests ?? 0)
const failures = [...window.seconds.values()].reduce((sum, second) => sum + second.failures, 0)
if (failures > 0) throw new Error(`${failures} requests failed: ${[...window.errors.keys()].join('; ')}`)
const requestsPerSecond = counted.reduce((sum, requests) => sum + requests, 0) / seconds
const result: EngineRun = {
  requestsPerSecond,
  cpuPerRequestUs: used.cpuUs / (requestsPerSecond * (used.elapsedMs / 1_000)),
}
process.stdout.write(JSON.stringify(result))
