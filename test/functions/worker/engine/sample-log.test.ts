import { expect, test } from 'vitest'
import type { CountedCall } from '../../../../functions/worker/engine/counted-call.ts'
import { SampleLog } from '../../../../functions/worker/engine/sample-log.ts'
import { WorkerFiles } from '../../../../functions/worker/worker-files.ts'
import { keys } from '../../../../functions/keys.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

const call = {
  plan: { row: { method: 'GET', name: `/${'ä'.repeat(300)}` }, intentMs: 0 },
  exchange: { endMs: 5, bytesIn: 1 },
  sentMs: 1,
  calledMs: 1,
  answeredMs: 4,
} as unknown as CountedCall
const outcome = { response: { status: 200, latencyMs: 3 }, failure: null, checks: [] }

test('the lines of --samples are handed over in pieces during the run, in order, up to a limit in bytes', async () => {
  const most = 5 * 1024 * 1024
  const files = new WorkerFiles()
  const pieces: number[] = []
  const log = new SampleLog(
    () => 0,
    (piece) => {
      pieces.push(Buffer.byteLength(piece.text))
      files.add(piece)
    },
    most,
  )
  for (let user = 0; user < 10_000; user++) log.add(call, user, outcome)
  log.handOver()
  expect(Math.max(...pieces)).toBeLessThan(2 * 1024 * 1024)
  expect(pieces.length).toBeGreaterThan(3)
  const store = new MemoryStore()
  await files.store({ event: { run: 'r1', slice: 0, attempt: 1, startAt: 0 }, env: { store, log: () => undefined } })
  const text = (await store.get(keys.workerFile('r1', 'worker-0-1.samples.ndjson')))?.body ?? ''
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most)
  expect(Buffer.byteLength(text)).toBeGreaterThan(most - 1_000)
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { user: number }).user)).toEqual(lines.map((_, user) => user))
  expect([log.kept, log.leftOut]).toEqual([lines.length, 10_000 - lines.length])
})
