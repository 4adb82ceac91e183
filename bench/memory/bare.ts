import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'undici'
import type { PacedOptions, PacedRun } from './paced-run.ts'

/**
 * The baseline: one undici client per user. Each client has one connection, and sends a request every few seconds. All latencies are stored in an
 * array.
 */
const { origin, users, everyS, seconds } = JSON.parse(process.argv[2] as string) as PacedOptions
const latenciesMs: number[] = []
const endAtMs = performance.now() + seconds * 1_000

async function live(index: number): Promise<void> {
  const client = new Client(origin, { keepAliveTimeout: 60_000 })
  await sleep((index / users) * everyS * 1_000)
  while (performance.now() < endAtMs) {
    const fromMs = performance.now()
    await new Promise<void>((resolve, reject) => {
      client.dispatch(
        { path: '/', method: 'GET' },
        {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: () => undefined,
          onResponseEnd: () => resolve(),
          onResponseError: (_, error) => reject(error),
        },
      )
    })
    latenciesMs.push(performance.now() - fromMs)
    await sleep(Math.max(0, Math.min(fromMs + everyS * 1_000, endAtMs) - performance.now()))
  }
  await client.close()
}

const lives = Promise.all(Array.from({ length: users }, (_, index) => live(index)))
await sleep(everyS * 1_000)
latenciesMs.length = 0
const [fromMs, cpu] = [performance.now(), process.cpuUsage()]
await sleep((seconds - everyS) * 1_000 - 500)
const used = process.cpuUsage(cpu)
const cpuShare = (used.user + used.system) / 1_000 / (performance.now() - fromMs)
const rssMb = process.memoryUsage.rss() / 1_048_576
const sorted = latenciesMs.toSorted((a, b) => a - b)
await lives
const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
const result: PacedRun = { rssMb, cpuShare, latencyP50Ms: at(0.5), latencyP99Ms: at(0.99) }
process.stdout.write(JSON.stringify(result))
