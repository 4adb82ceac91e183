import { setTimeout as sleep } from 'node:timers/promises'
import { liveBare } from './bare-user.ts'
import type { EngineRun, EngineRunOptions } from './engine-run.ts'

/**
 * The baseline: one undici client per user, each with one connection, one request at a time and a promise per request. After one second of warm-up,
 * the program measures for `seconds` seconds, and prints the results.
 */
const { origin, path, users, seconds } = JSON.parse(process.argv[2] as string) as EngineRunOptions
let requests = 0
const end = new AbortController()
const bare = {
  origin,
  path,
  goesOn: (): boolean => !end.signal.aborted,
  counted: (): void => void requests++,
}

const lives = Promise.all(Array.from({ length: users }, () => liveBare(bare)))
await sleep(1_000)
const [fromMs, cpu, before] = [performance.now(), process.cpuUsage(), requests]
await sleep(seconds * 1_000)
const elapsedMs = performance.now() - fromMs
const { user, system } = process.cpuUsage(cpu)
const done = requests - before
end.abort()
await lives
const result: EngineRun = {
  requestsPerSecond: done / (elapsedMs / 1_000),
  cpuPerRequestUs: (user + system) / done,
}
process.stdout.write(JSON.stringify(result))
