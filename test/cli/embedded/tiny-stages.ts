import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Environment } from '../../../functions/ports.ts'
import type { StageHandler } from '../../../cli/embedded/processes/stage-handlers.ts'

type Act = (env: Environment, given: { run: string; more?: unknown }) => Promise<unknown>

/** Small stages for tests. `event.act` selects what a stage does. */
const acts: Record<string, Act> = {
  ports: async (env, { run }) => {
    const { store, queue, invoker, build } = env
    const first = await store.put('a/x', 'one', { ifAbsent: true })
    const second = await store.put('a/x', 'two', { ifAbsent: true })
    const body = (await store.get('a/x'))?.body
    const none = await store.get('a/none')
    await store.put('a/gone', '1')
    await store.delete('a/gone')
    await queue.send([{ id: 'm', group: `${run}#0`, body: 'message' }])
    env.log('seen', { build })
    await store.put('seen', JSON.stringify([typeof first, second ?? null, body, none ?? null, await store.list('a/')]))
    return invoker.failed(run)
  },
  large: async ({ store }) => {
    const body = 'ä🙂x'.repeat(2_000_000)
    await store.put('large', body)
    const same = (await store.get('large'))?.body === body
    await store.put('same', String(same))
  },
  pid: async ({ store }) => store.put(`pids/${process.pid}`, ''),
  endless: async ({ store, clock }) => {
    await store.put(`pids/${process.pid}`, '')
    for (;;) await clock.sleep(1000)
  },
  // Only a signal ends the process: the pipe has no writer, so the call that opens the pipe never returns.
  stuck: async ({ store, clock }) => {
    const code = `require('node:fs').readFileSync(${JSON.stringify(process.env['BURST_TEST_PIPE'])})`
    await once(new Worker(code, { eval: true }), 'online')
    await store.put(`pids/${process.pid}`, '')
    for (;;) await clock.sleep(1000)
  },
  leaves: async ({ store }) => {
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit', detached: true })
    await store.put(`left/${left.pid}`, '')
    left.unref()
  },
  throws: async () => Promise.reject(new Error('the shop is shut')),
  exits: async () => process.exit(7),
  crashes: async () => {
    setImmediate(() => {
      throw new TypeError('bolt from the blue')
    })
    return new Promise(() => undefined)
  },
  dies: async () => process.kill(process.pid, 'SIGKILL'),
  // Imitates Node with a full heap. A heap of 4 GB that is really full would disturb other processes.
  hoards: async () => {
    process.stderr.write('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n')
    process.kill(process.pid, 'SIGKILL')
  },
  prints: async () => process.stdout.write('hello from a stage\n'),
  arenas: async () => process.env['MALLOC_ARENA_MAX'],
  badKey: async ({ store }) => store.get('../../etc/passwd'),
}

const act: StageHandler = async (event, env) => {
  const given = event as { run: string; act: string; more?: unknown }
  return acts[given.act]?.(env, given)
}

export const stages: Record<string, StageHandler> = {
  coordinator: act,
  worker: act,
  finalise: act,
  merge: async (event, env) => {
    const { Records } = event as { Records: { messageId: string; body: string }[] }
    for (const { messageId, body } of Records) {
      if (body === 'die') process.exit(3)
      await env.store.put(`merged/${messageId}`, String(process.pid))
    }
    return { batchItemFailures: [] }
  },
}
