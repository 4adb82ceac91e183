import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { keys } from '../../../functions/keys.ts'
import type { Queue } from '../../../functions/ports.ts'
import type { CountingTarget } from '../../targets/counting-target.ts'
import { startRudeTarget } from '../../targets/raw/rude-targets.ts'
import { ownTarget } from '../../targets/own-target.ts'
import { type SliceRunInput, runSlice } from './slice-run.ts'

/** Runs a slice with a load of ten minutes, in windows of half a second. */
async function longSlice(target: CountingTarget, more: Partial<SliceRunInput>): ReturnType<typeof runSlice> {
  return runSlice({
    scenario: `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('20ms')
  tasks = { go: 1 }
  async go() { await this.http.get('/x') }
}
export default scenario({ host: '${target.origin}', users: [U], load: [ramp(2, '0s'), hold('10m')] })`,
    host: target.origin,
    plan: (plan) => ({ ...plan, windowMs: 500, flushMs: 500 }),
    ...more,
  })
}

async function untilReceived(target: CountingTarget, more = 0): Promise<void> {
  const least = target.counts().received + more
  while (target.counts().received <= least) await sleep(20)
}

test.concurrent.for([
  ['refuses', async () => Promise.reject(new Error('AWS.SimpleQueueService.NonExistentQueue'))],
  ['does not answer', async () => new Promise<void>(() => undefined)],
] as [string, Queue['send']][])(
  'if the queue of a worker %s, the worker stops after three windows and says why',
  async ([, send], { expect, onTestFinished }) => {
    const target = await ownTarget(onTestFinished)
    let startedAt = 0
    const run = longSlice(target, {
      where: () => ({ queue: { send } }),
      during: async ({ startAt }) => void (startedAt = startAt),
    })
    await expect(run).rejects.toThrow(/^the worker could not deliver its reports for \d+ s, so it stopped: /)
    expect(Date.now() - startedAt).toBeGreaterThan(3 * 500)
    expect(target.counts().received).toBeGreaterThan(0)
    // Each user has a separate connection. When all connections are closed, users cannot send requests.
    await expect.poll(() => target.counts().connectionsOpen).toBe(0)
  },
)

test.concurrent('a worker delivers all counts if its queue fails for less than three windows', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const tried: string[] = []
  let failures = 3
  const { messages } = await longSlice(target, {
    plan: (plan) => ({ ...plan, windowMs: 60_000, flushMs: 300 }),
    where: ({ queue }) => ({
      log: (event) => tried.push(event),
      queue: {
        send: async (some) => {
          if (failures-- > 0) throw new Error('ServiceUnavailable')
          await queue.send(some)
        },
      },
    }),
    during: async ({ stop }) => {
      await untilReceived(target, 20)
      await stop()
    },
  })
  expect(tried.filter((event) => event === 'a message could not be queued')).toHaveLength(3)
  expect(messages.map(({ sequence }) => sequence)).toEqual(messages.map((_, k) => k))
  expect(messages.at(-1)).toMatchObject({ final: true })
  expect(messages.at(-1)?.totals.exchanges).toBeGreaterThan(0)
})

test.concurrent('if the queue does not answer for three windows, the worker stops its users, and later delivers all counts and says why it stopped', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const reopened = Promise.withResolvers<void>()
  const { messages, window, last } = await longSlice(target, {
    where: ({ queue }) => ({
      queue: {
        send: async (some) => {
          await reopened.promise
          await queue.send(some)
        },
      },
    }),
    during: async () => {
      await untilReceived(target)
      await expect.poll(() => target.counts().connectionsOpen, { timeout: 30_000 }).toBe(0)
      reopened.resolve()
    },
  })
  expect(last).toMatchObject({ final: true, failure: null })
  expect(messages.map(({ sequence }) => sequence)).toEqual(messages.map((_, k) => k))
  expect(last.totals.exchanges + last.totals.interrupted).toBe(target.counts().received)
  expect([...window.notices]).toEqual([
    ['a worker stopped its users early, because reports could not be delivered for three windows', 1],
  ])
})

test.concurrent('a worker delivers all counts even if a slow queue accepts the last messages one after another and needs more than 5 s in total', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { messages, last } = await longSlice(target, {
    where: ({ queue }) => ({
      queue: {
        send: async (some) => {
          await sleep(1_000)
          await queue.send(some)
        },
      },
    }),
    during: async ({ stop }) => {
      await sleep(9_000)
      await stop()
    },
  })
  expect(messages.map(({ sequence }) => sequence)).toEqual(messages.map((_, k) => k))
  expect(last).toMatchObject({ final: true, failure: null })
  expect(last.totals.exchanges + last.totals.interrupted).toBe(target.counts().received)
})

test.concurrent('if the queue of a worker accepts no message, the worker fails before its invocation ends, and says why', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const invocation = { endsAt: Number.POSITIVE_INFINITY }
  const run = longSlice(target, {
    where: () => ({
      remainingMs: () => invocation.endsAt - Date.now(),
      queue: { send: async () => new Promise<void>(() => undefined) },
    }),
    during: async ({ stop }) => {
      await untilReceived(target)
      invocation.endsAt = Date.now() + 5_000
      await stop()
    },
  })
  await expect(run).rejects.toThrow(
    'the worker could not deliver its last reports before its invocation ended: the queue is slow',
  )
})

test.concurrent('a worker stops immediately and sends its last message when its control file is deleted', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { last } = await longSlice(target, {
    during: async ({ store }) => {
      await untilReceived(target)
      await store.delete(keys.control('r1'))
    },
  })
  expect(last).toMatchObject({ final: true, failure: null })
  expect(last.totals.exchanges + last.totals.interrupted).toBe(target.counts().received)
})

test.concurrent('a worker that starts while all runs of its stack are halted sends no load', async ({
  onTestFinished,
}) => {
  const target = await ownTarget(onTestFinished)
  const { messages } = await longSlice(target, { stored: { [keys.halt]: '{"reason":"enough"}' } })
  expect(messages).toEqual([])
  expect(target.counts().received).toBe(0)
})

test.concurrent('a worker has time to send its last message even with a long --stop-timeout', async () => {
  const silent = await startRudeTarget()
  const calledAt = { ms: 0 }
  const scenario = `import { HttpUser, hold, ramp, scenario } from 'burst'
class U extends HttpUser {
  tasks = { go: 1 }
  async go() { await this.http.get('/silent') }
}
export default scenario({ host: '${silent.origin}', users: [U], load: [ramp(1, '0s'), hold('10m')] })`
  try {
    // As soon as the request is in flight, the invocation has only 16 s left.
    const invocation = { endsAt: Number.POSITIVE_INFINITY }
    const { last, window } = await runSlice({
      scenario,
      host: silent.origin,
      options: { stopTimeoutMs: 120_000 },
      where: () => ({ remainingMs: () => invocation.endsAt - Date.now() }),
      during: async () => {
        while (silent.counts()['GET /silent'] === undefined) await sleep(20)
        calledAt.ms = Date.now()
        invocation.endsAt = calledAt.ms + 16_000
      },
    })
    expect(last.final).toBe(true)
    expect(last.totals.interrupted).toBe(1)
    expect([...window.notices.keys()]).toEqual([
      'a worker stopped its users early, because the time of the invocation was nearly over',
    ])
    expect(Date.now()).toBeLessThan(calledAt.ms + 16_000)
  } finally {
    await silent.close()
  }
})
