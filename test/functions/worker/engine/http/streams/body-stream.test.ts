import { expect, test } from 'vitest'
import { SharedMemory } from '../../../../../../functions/worker/engine/http/shared-memory.ts'
import { BodyStream } from '../../../../../../functions/worker/engine/http/streams/body-stream.ts'
import { Turns } from '../../../../../../functions/worker/engine/health/loop-turns.ts'
import { ReadyQueue } from '../../../../../../functions/worker/engine/scheduling/ready-queue.ts'

test('a stream stops reading when its unread pieces need much memory, and continues when the scenario reads the pieces', async () => {
  const flow = { paused: 0, pause: () => void flow.paused++, resume: () => void flow.paused-- }
  const stream = new BodyStream({ ready: new ReadyQueue(new Turns()), heard: () => undefined }, 60_000, false)
  let sent = 0
  for (; flow.paused === 0 && sent < 300_000; sent++) stream.receive(Buffer.from('x'), flow, new SharedMemory())
  expect(sent).toBeLessThan(2_000)
  for (let read = 0; read < sent; read++) expect((await stream.next())?.bytes.byteLength).toBe(1)
  expect(flow.paused).toBe(0)
})

function openedStream(memory: SharedMemory) {
  const flow = { paused: 0, pause: () => void flow.paused++, resume: () => void flow.paused-- }
  const stream = new BodyStream({ ready: new ReadyQueue(new Turns()), heard: () => undefined }, 60_000, false)
  const receive = (times: number): void => {
    for (let k = 0; k < times; k++) stream.receive(Buffer.alloc(65_536), flow, memory)
  }
  return { flow, stream, receive }
}

test('the unread pieces of all streams take at most 128 MiB together, and a stream beyond this limit stops reading', async () => {
  const memory = new SharedMemory()
  const streams = Array.from({ length: 1_030 }, () => openedStream(memory))
  for (const { receive } of streams) receive(2)
  // 2,048 pieces of 64 KiB are 128 MiB in total. Each piece needs some memory in addition to its bytes, so fewer than 2,048 pieces fit.
  const full = streams.filter(({ flow }) => flow.paused > 0)
  expect(full).toHaveLength(10)
  const last = full.at(-1) as ReturnType<typeof openedStream>
  await last.stream.next()
  expect(last.flow.paused).toBe(0)
  last.receive(1)
  expect(last.flow.paused).toBe(1)
})

test.each<[string, (stream: BodyStream) => void]>([
  ['has ended', (stream) => stream.end(null)],
  ['is broken off', (stream) => stream.breakOff(new Error('over'))],
  ['is no longer read', (stream) => stream.discard()],
])('a stream that %s releases the memory of its unread pieces once', async (_, over) => {
  const memory = new SharedMemory()
  const { stream, receive } = openedStream(memory)
  receive(3)
  await stream.next()
  over(stream)
  stream.end(null)
  stream.discard()
  expect(memory.keep(128 * 1024 * 1024)).toBe(true)
  expect(memory.keep(1)).toBe(false)
})
