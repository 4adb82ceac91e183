import { afterEach, expect, test } from 'vitest'
import { type RawAnswer, type RawTarget, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { rowOf } from '../../counted.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const targets: RawTarget[] = []
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

async function run(task: string, answers: Readonly<Record<string, RawAnswer>>): Promise<SliceRunResult> {
  const target = await startRawTarget(answers)
  targets.push(target)
  const host = target.origin
  const scenario = `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser { @task async all() { ${task} } }
export default scenario({ host: '${host}', users: [U] })`
  return runSlice({ scenario, host, options: { users: 1, iterations: 1, runTimeMs: 60_000 } })
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'
const piece = '6\r\ndata:1\r\n2\r\n\n\n\r\n'

test('if a task leaves the loop over a stream and then ends, the stream is treated as awaited', async () => {
  const result = await run(
    `for await (const _ of this.http.stream('/bytes')) break
    for await (const _ of this.http.sse('/events')) break`,
    {
      '/bytes': (_, socket) => socket.write(`${chunked}\r\n${piece}`),
      '/events': (_, socket) => socket.write(`${chunked}Content-Type: text/event-stream\r\n\r\n${piece}`),
    },
  )
  for (const path of ['/bytes', '/events']) expect(rowOf(result, path)).toMatchObject({ requests: 1, failures: 0 })
  expect([...result.window.notices.keys()]).toEqual([])
}, 60_000)
