import { expect, test } from 'vitest'
import { ReadyQueue } from '../../../../../functions/worker/engine/scheduling/ready-queue.ts'

const spin = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}
const idle = async (queue: ReadyQueue): Promise<void> => {
  while (queue.length > 0) await new Promise(setImmediate)
}

test('queued callbacks run in the order in which they became ready, and each callback receives its delay', async () => {
  const queue = new ReadyQueue()
  const ran: number[] = []
  const lags: number[] = []
  const dueMs = performance.now() - 5
  for (let k = 0; k < 2500; k++) {
    queue.push(dueMs, (lagMs) => {
      ran.push(k)
      lags.push(lagMs)
    })
  }
  await idle(queue)
  expect(ran).toEqual(Array.from({ length: 2500 }, (_, k) => k))
  expect(Math.min(...lags)).toBeGreaterThanOrEqual(5)
})

test('the microtasks of a callback run before the next callback, so that a user reaches its next await', async () => {
  const queue = new ReadyQueue()
  const seen: string[] = []
  const user = async (name: string): Promise<void> => {
    seen.push(`${name} 1`)
    await Promise.resolve()
    seen.push(`${name} 2`)
    await Promise.resolve()
    seen.push(`${name} 3`)
  }
  for (const name of ['a', 'b']) queue.push(performance.now(), () => void user(name))
  await idle(queue)
  expect(seen).toEqual(['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'b 3'])
})

test('the event loop handles other work after each time slice of user code', async () => {
  const queue = new ReadyQueue(undefined, 1)
  const turns: number[] = []
  let turn = 0
  const count = (): void => {
    turn++
    if (queue.length > 0) setTimeout(count, 0)
  }
  for (let k = 0; k < 20; k++) {
    queue.push(performance.now(), () => {
      turns.push(turn)
      spin(2)
    })
  }
  setTimeout(count, 0)
  await idle(queue)
  // Each callback takes longer than the time slice, so each turn of the event loop runs one callback, and timers run between the callbacks.
  expect(new Set(turns).size).toBeGreaterThanOrEqual(10)
})

test('if a callback is queued while other callbacks run, it comes after all callbacks that are already in the queue', async () => {
  const queue = new ReadyQueue()
  const seen: string[] = []
  queue.push(performance.now(), () => {
    seen.push('first')
    queue.push(performance.now(), () => seen.push('pushed by the first'))
  })
  queue.push(performance.now(), () => seen.push('second'))
  await idle(queue)
  expect(seen).toEqual(['first', 'second', 'pushed by the first'])
})

test('a long queue takes little more CPU time than its callbacks, and keeps its order', async () => {
  const queue = new ReadyQueue(undefined, 1)
  const entries = 60_000
  let next = 0
  const before = process.cpuUsage()
  for (let k = 0; k < entries; k++) {
    queue.push(performance.now(), () => {
      if (next === k) next++
      spin(0.005)
    })
  }
  await idle(queue)
  const { user, system } = process.cpuUsage(before)
  expect(next).toBe(entries)
  // The callbacks take 0.4 s in total. If each turn of the event loop visited every waiting entry, the callbacks would take several seconds.
  expect((user + system) / 1e6).toBeLessThan(1.5)
})
