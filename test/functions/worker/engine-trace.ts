import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import { planRun } from '../../../core/plan/plan-run.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { anchorNow } from '../../../functions/clock.ts'
import type { EngineStart, FromEngine, ToEngine, TraceEvent } from '../../../functions/worker/engine/protocol.ts'

const thread = new URL('../../../functions/worker/engine/thread.ts', import.meta.url)

/**
 * Returns the actions of each user in order, with one line for each task, request and planned pause. `workers` in the options sets the number of
 * engines. If `warmsUp` is true, the engines are warmed up first.
 */
export async function traceUsers(
  scenario: string,
  files: Record<string, string>,
  options: Partial<RunOptions>,
  warmsUp = false,
): Promise<Map<number, string[]>> {
  const parent = join(import.meta.dirname, '../../../burst-results')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'trace-'))
  try {
    await writeFile(join(folder, 'test.burst.ts'), scenario)
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const bundle = await bundleScenario('test.burst.ts', { cwd: folder })
    const bundleFile = join(folder, 'bundle.mjs')
    await writeFile(bundleFile, bundle.code)
    const facts = {
      run: 'trace',
      scenario: 'test.burst.ts',
      bundle: bundle.hash,
      build: 'test',
      createdAt: 0,
      seed: 'trace',
      cores: 1,
      backend: 'local' as const,
      region: 'local',
    }
    const plan = planRun({
      description: bundle.description,
      options: { tags: [], excludeTags: [], vars: {}, failOnError: false, ...options },
      facts,
    })
    const startAt = Date.now() + 800
    const events = await Promise.all(
      plan.slices.map(({ slice }) =>
        traceSlice({
          warmsUp,
          setup: {
            plan,
            fleet: fleetAt(plan),
            slice,
            attempt: 0,
            bundleFile,
            data: undefined,
            anchor: anchorNow(),
            startAt,
            leaseUntil: startAt + 120_000,
            allow: null,
            sent: new SharedArrayBuffer(4),
            mode: 'trace',
          },
        }),
      ),
    )
    return linesByUser(events.flat())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function traceSlice(start: EngineStart): Promise<TraceEvent[]> {
  const worker = new Worker(thread, { workerData: start })
  const events: TraceEvent[] = []
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromEngine) => {
      if (message.type === 'trace') events.push(message.event)
      if (message.type === 'failed') reject(new Error(message.message))
      if (message.type === 'counted' && message.done) resolve()
    })
    worker.once('error', reject)
    const begin: ToEngine = { type: 'begin' }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(begin)
  })
  await worker.terminate()
  return events
}

/** Sorts requests by the time of their call, because the requests of one Promise.all may finish in any order. */
function linesByUser(events: readonly TraceEvent[]): Map<number, string[]> {
  const lines = new Map<number, { key: number[]; line: string }[]>()
  const pauses = new Map<string, number>()
  const put = (user: number, key: number[], line: string): void => {
    lines.set(user, [...(lines.get(user) ?? []), { key, line }])
  }
  for (const event of events) {
    if (event.kind === 'task') put(event.user, [event.iteration, 0, 0], `${event.iteration} task ${event.task}`)
    if (event.kind === 'exchange') {
      const { user, iteration, call, method, url, requestBody } = event.exchange
      const body = createHash('sha256')
        .update(requestBody ?? '')
        .digest('hex')
        .slice(0, 12)
      put(user, [iteration, 1, call], `${iteration} ${method} ${url.replace(/^.*?\/\/[^/]+/, '')} ${body}`)
    }
    if (event.kind === 'pause') {
      const key = `${event.user} ${event.iteration}`
      const number = (pauses.get(key) ?? 0) + 1
      pauses.set(key, number)
      put(event.user, [event.iteration, 2, number], `${event.iteration} pause ${event.ms}`)
    }
  }
  return new Map(
    [...lines]
      .toSorted(([a], [b]) => a - b)
      .map(([user, found]) => [user, found.toSorted(byKey).map((one) => one.line)]),
  )
}

function byKey(a: { key: number[] }, b: { key: number[] }): number {
  const differing = a.key.findIndex((value, place) => value !== b.key[place])
  return differing === -1 ? 0 : (a.key[differing] as number) - (b.key[differing] as number)
}
