import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from '../../../../../functions/worker/engine/health/loop-turns.ts'
import { runInChild } from '../../../../targets/child.ts'
import { keepCoresBusy } from '../../../../targets/measuring/busy-cores.ts'
import type { StampsOptions } from '../../../../targets/measuring/stamps.ts'

/** The time in milliseconds that a message may take from one process to the other without any wait. */
const transferMs = 1
const lateWanted = 40
/** The number of samples. If the bound did not include the wait for a core, it would cover only about an eighth of the late messages of a sample. */
const samples = 5

test.runIf(existsSync('/proc/thread-self/schedstat'))(
  'the upper bound for the waiting time of bytes includes the time that the event loop waited for a busy core',
  async () => {
    const target = await runInChild('measuring/stamps.ts', { everyMs: 7 } satisfies StampsOptions)
    const busy = await keepCoresBusy()
    try {
      // The sender may lose its core between the stamp and the write, so that the message is late. The reader cannot see the wait of the sender. On a
      // busy machine, some samples have many such messages.
      const shares: number[] = []
      while (shares.length < samples && Math.max(0, ...shares) <= 0.5) shares.push(await coveredShare(target.origin))
      expect(Math.max(...shares)).toBeGreaterThan(0.5)
    } finally {
      await busy.close()
      await target.close()
    }
  },
)

test('the upper bound for the waiting time of bytes does not include idle time, even after earlier bytes that did not resume a user', async () => {
  const turns = new Turns()
  const shares: number[] = []
  for (let round = 0; round < 20; round++) {
    const beforeMs = performance.now()
    turns.waitedMs(beforeMs)
    await sleep(50)
    const nowMs = performance.now()
    shares.push(turns.waitedMs(nowMs) / (nowMs - beforeMs))
    await nextTurn()
  }
  // On a busy machine, some rounds have no idle time.
  expect(Math.min(...shares)).toBeLessThan(0.5)
})

test('the upper bound for the waiting time of bytes does not include work before the latest check of the event loop', async () => {
  const turns = new Turns()
  const workMs = 30
  const bounds: number[] = []
  for (let round = 0; round < 20; round++) {
    turns.looked(performance.now())
    await sleep(5)
    const endMs = performance.now() + workMs
    while (performance.now() < endMs);
    turns.lookSoon()
    await sleep(20)
    bounds.push(turns.waitedMs(performance.now()))
    await nextTurn()
  }
  // On a busy machine, the loop waits for a core in some rounds.
  expect(Math.min(...bounds)).toBeLessThan(workMs / 2)
})

/** Returns the share of late messages whose lateness is not more than the bound. */
async function coveredShare(origin: string): Promise<number> {
  const late = await readLateMessages(origin)
  return late.filter(({ lateMs, boundMs }) => lateMs <= boundMs + transferMs).length / late.length
}

interface LateMessage {
  /** The time in milliseconds from the sender's stamp until the message was read, minus the shortest such time so far. */
  lateMs: number
  boundMs: number
}

async function readLateMessages(origin: string): Promise<LateMessage[]> {
  const turns = new Turns()
  const late: LateMessage[] = []
  let leastMs = Number.POSITIVE_INFINITY
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.on('data', (bytes) => {
    const nowMs = performance.now()
    const boundMs = turns.waitedMs(nowMs)
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      const tookMs = performance.timeOrigin + nowMs - bytes.readDoubleBE(at)
      leastMs = Math.min(leastMs, tookMs)
      if (tookMs - leastMs > transferMs) late.push({ lateMs: tookMs - leastMs, boundMs })
    }
    setImmediate(() => turns.looked(performance.now()))
    if (late.length >= lateWanted) socket.destroy()
  })
  await once(socket, 'close')
  return late
}
