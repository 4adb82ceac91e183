import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { MemoryQueue, type MemoryQueueOptions } from '../../../cli/embedded/memory-queue.ts'
import type { QueueEvent, QueueMessage } from '../../../functions/ports.ts'

const message = (n: number, group = 'run#0'): QueueMessage => ({ id: `m${n}`, group, body: `body ${n}` })
const ok = { batchItemFailures: [] }
afterEach(() => void vi.useRealTimers())

function queueOver(options: Partial<MemoryQueueOptions>): { queue: MemoryQueue; aside: string[]; logged: string[] } {
  const aside: string[] = []
  const logged: string[] = []
  const queue = new MemoryQueue({
    deliver: async () => ok,
    setAside: async (one) => void aside.push(one.id),
    log: (event) => logged.push(event),
    visibilityMs: 1,
    ...options,
  })
  return { queue, aside, logged }
}

describe('a queue in memory', () => {
  test('the queue delivers every message with its id, body and group, and a batch contains at most ten messages', async () => {
    const events: QueueEvent[] = []
    const { queue } = queueOver({ deliver: async (event) => (events.push(event), ok) })
    await queue.send(Array.from({ length: 25 }, (_, n) => message(n)))
    expect(await queue.waiting()).toBe(25)
    await queue.idle()
    expect(await queue.waiting()).toBe(0)
    const records = events.flatMap((event) => event.Records)
    expect(Math.max(...events.map((event) => event.Records.length))).toBeLessThanOrEqual(10)
    expect(records).toHaveLength(25)
    expect(records[3]).toEqual({
      messageId: 'm3',
      body: 'body 3',
      attributes: { MessageGroupId: 'run#0', ApproximateReceiveCount: '1' },
    })
  })

  test('at most one batch of a group is in flight at a time, but batches of different groups may be in flight together', async () => {
    const flying = new Map<string, number>()
    let most = 0
    const both = Promise.withResolvers<void>()
    const { queue } = queueOver({
      deliver: async (event) => {
        const group = event.Records[0]?.attributes.MessageGroupId ?? ''
        flying.set(group, (flying.get(group) ?? 0) + 1)
        most = Math.max(most, ...flying.values())
        // The first batch of each group waits until a batch of the other group is in flight.
        if (flying.size === 2) both.resolve()
        await both.promise
        await setImmediate()
        flying.set(group, (flying.get(group) ?? 0) - 1)
        return ok
      },
    })
    await queue.send(Array.from({ length: 40 }, (_, n) => message(n, n % 2 ? 'run#0' : 'run#1')))
    await queue.idle()
    expect(most).toBe(1)
    expect([...flying]).toEqual([
      ['run#1', 0],
      ['run#0', 0],
    ])
  })

  test('the queue delivers a message again only if the stage reported the message as failed', async () => {
    const seen: string[] = []
    const { queue } = queueOver({
      deliver: async (event) => {
        const ids = event.Records.map((record) => record.messageId)
        const failing = ids.filter((id) => id === 'm1' && !seen.includes('m1'))
        seen.push(...ids)
        return { batchItemFailures: failing.map((itemIdentifier) => ({ itemIdentifier })) }
      },
    })
    await queue.send([message(0), message(1), message(2)])
    await queue.idle()
    expect(seen.toSorted()).toEqual(['m0', 'm1', 'm1', 'm2'])
  })

  test('failed messages are delivered again immediately, so they do not delay other messages of their group', async () => {
    // The clock moves by only 10 ms in total, so a message with a delay of one second would never be delivered.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const receives: string[] = []
    const queue = new MemoryQueue({
      deliver: async ({ Records }) => {
        receives.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount ?? ''))
        return { batchItemFailures: receives.length < 3 ? [{ itemIdentifier: 'm0' }] : [] }
      },
      setAside: async () => undefined,
      log: () => undefined,
    })
    await queue.send([message(0)])
    for (let k = 0; k < 10; k++) await vi.advanceTimersByTimeAsync(1)
    expect(receives).toEqual(['1', '2', '3'])
    await queue.idle()
  })

  test('a message is set aside after twenty failed deliveries, and the other messages of its batch are delivered', async () => {
    let poisoned = 0
    const { queue, aside, logged } = queueOver({
      deliver: async (event) => {
        const poison = event.Records.filter((record) => record.messageId === 'm1')
        poisoned += poison.length
        return { batchItemFailures: poison.map((record) => ({ itemIdentifier: record.messageId })) }
      },
    })
    await queue.send([message(0), message(1), message(2)])
    await queue.idle()
    expect(aside).toEqual(['m1'])
    expect(poisoned).toBe(20)
    expect(logged).toEqual(['message set aside'])
  })

  test('the queue becomes empty even if the stage always throws and messages cannot be set aside', async () => {
    const { queue, logged } = queueOver({
      deliver: async () => Promise.reject(new Error('merge is down')),
      setAside: async () => Promise.reject(new Error('disk full')),
    })
    await queue.send([message(0)])
    await queue.idle()
    expect(logged.filter((event) => event === 'merge failed')).toHaveLength(20)
    expect(logged.at(-1)).toBe('message lost')
  })

  test('every message is delivered at least once when messages are repeated, reordered and delayed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (n, stream) => {
          const delivered: string[] = []
          const { queue } = queueOver({
            deliver: async (event) => (delivered.push(...event.Records.map((record) => record.messageId)), ok),
            faults: { twice: true, shuffle: true, delayMs: 5, random: () => stream.next().value ?? 0 },
          })
          await queue.send(Array.from({ length: n }, (_, k) => message(k)))
          await queue.idle()
          expect(delivered).toHaveLength(2 * n)
          expect(new Set(delivered).size).toBe(n)
        },
      ),
      { numRuns: 20 },
    )
  })

  test('messages are delivered out of order if the option `shuffle` is set', async () => {
    const delivered: string[] = []
    let n = 100
    const { queue } = queueOver({
      deliver: async (event) => (delivered.push(...event.Records.map((record) => record.messageId)), ok),
      faults: { shuffle: true, random: () => n-- / 101 },
    })
    await queue.send([message(0), message(1), message(2)])
    await queue.idle()
    expect(delivered).toEqual(['m2', 'm1', 'm0'])
  })

  test('the queue discards waiting messages when it is closed', async () => {
    let delivered = 0
    const { queue } = queueOver({ deliver: async () => (delivered++, ok) })
    await queue.send([message(0)])
    queue.close()
    await queue.idle()
    await queue.send([message(1)])
    await queue.idle()
    expect(delivered).toBe(0)
  })
})
