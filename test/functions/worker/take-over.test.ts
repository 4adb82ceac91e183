import { expect, test } from 'vitest'
import type { Control } from '../../../core/fleet/control.ts'
import type { Environment, Store } from '../../../functions/ports.ts'
import { emptyPart, encodePart } from '../../../functions/worker/engine/handover/carried-user.ts'
import type { ToEngine } from '../../../functions/worker/engine/protocol.ts'
import { PartWriter } from '../../../functions/worker/handover-parts.ts'
import { TakeOver } from '../../../functions/worker/take-over.ts'
import { planOf, startAt } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

const profile = { points: [{ atMs: 0, level: 10 }], endMs: 120_000 }
const plan = planOf({ profile, handOver: { intervalMs: 60_000, aheadMs: 30_000, waitMs: 2_000 } })
/** The time at which slice 1 is handed over, in milliseconds since the start. */
const atMs = 60_000
const control: Control = { v: 1, startAt, leaseUntil: startAt + 600_000, stop: null }

/**
 * Returns two workers of slice 1 at the time of the hand-over: `previous` writes the parts, and `takeOver` receives them. The store fails for
 * `takeOver` until `failsUntilMs`, in milliseconds since the start.
 */
function workers(failsUntilMs: number) {
  let nowMs = startAt + atMs
  const memory = new MemoryStore()
  const orFail = async <R>(act: () => Promise<R>): Promise<R> => {
    if (nowMs < startAt + failsUntilMs) throw new Error('SlowDown')
    return act()
  }
  const store: Store = {
    get: async (key) => orFail(async () => memory.get(key)),
    put: async (key, body, condition) => orFail(async () => memory.put(key, body, condition)),
    list: async (prefix) => orFail(async () => memory.list(prefix)),
    delete: async (key) => orFail(async () => memory.delete(key)),
  }
  const sleep = async (ms: number): Promise<void> => void (nowMs += ms)
  const place: Pick<Environment, 'clock' | 'log'> = { clock: { nowMs: () => nowMs, sleep }, log: () => undefined }
  const said: ToEngine[] = []
  const takeOver = new TakeOver({
    event: { run: 'r1', slice: 1, attempt: 1, startAt },
    plan,
    env: { ...place, store },
    control: () => control,
    attend: async () => true,
    say: (message) => void said.push(message),
  })
  const writer = new PartWriter({ ...place, store: memory }, { run: 'r1', slice: 1, atMs }, 1_000)
  /** Writes the next part. Returns whether the part was written. */
  const previous = async (part: string): Promise<boolean> => {
    let isRefused = false
    writer.write(part, () => (isRefused = true))
    await writer.done()
    return !isRefused
  }
  return { takeOver, previous, said }
}

const first = { ...emptyPart(), pending: [1] }

test('a worker that gives up the first part of a hand-over waits for the store, so that the previous worker can no longer hand its users over', async () => {
  const { takeOver, previous } = workers(70_000)
  expect(await takeOver.turn()).toMatchObject({ fromMs: atMs, inherited: 'nobody' })
  expect(await previous(encodePart(first))).toBe(false)
})

test('a worker that gives up a later part of a hand-over waits for the store, so that the previous worker can no longer hand its users over', async () => {
  const { takeOver, previous, said } = workers(80_000)
  expect(await previous(encodePart(first))).toBe(true)
  await takeOver.follow({ fromMs: atMs, untilMs: null, inherited: first })
  expect(said).toEqual([{ type: 'inherit', part: null }])
  expect(await previous(encodePart({ ...emptyPart(), anew: [1], last: true }))).toBe(false)
})

test('if a part of a hand-over is written while the store fails for the next worker, the next worker receives the part when the store answers again', async () => {
  const last = { ...emptyPart(), left: [1], last: true }
  const { takeOver, previous, said } = workers(80_000)
  expect(await previous(encodePart(first))).toBe(true)
  expect(await previous(encodePart(last))).toBe(true)
  await takeOver.follow({ fromMs: atMs, untilMs: null, inherited: first })
  expect(said).toEqual([{ type: 'inherit', part: last }])
})
