import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type Dispatcher } from 'undici'
import type { EngineRun, EngineRunOptions } from './engine-run.ts'

/**
 * The baseline: one undici client per user, each with one connection, one request at a time and a promise per request. Prints its counts of `seconds`
 * seconds, after one second of warm-up.
 */
const { origin, path, users, seconds } = JSON.parse(process.argv[2] as string) as EngineRunOptions
let requests = 0
const end = new AbortController()

class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: (status: number) => void
  #status = 0

  constructor(done: (status: number) => void) {
    this.#done = done
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    requests++
    this.#done(this.#status)
  }

  onResponseError(_: unknown, error: Error): void {
    throw error
  }
}

async function live(): Promise<void> {
  const client = new Client(origin)
  while (!end.signal.aborted) {
    const status = await new Promise<number>((done) => {
      client.dispatch({ path, method: 'GET' }, new Exchange(done))
    })
    if (status !== 200) throw new Error(`the target answered with ${status}`)
  }
  await client.close()
}

const lives = Promise.all(Array.from({ length: users }, live))
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
