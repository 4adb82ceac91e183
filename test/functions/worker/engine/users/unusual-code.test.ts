import { type TestContext, expect, test } from 'vitest'
import { ownTarget } from '../../../../targets/own-target.ts'
import { type ClassRun, requestsIn, runClasses } from '../../class-run.ts'

/** Runs the user classes of a test against a separate target. */
const own = async ({ onTestFinished }: TestContext) => {
  const target = await ownTarget(onTestFinished, { jitterMs: 5 })
  return { run: (classes: string, more: ClassRun = {}) => runClasses(target, classes, more) }
}

test('if a getter of onStop throws, an exception is counted, and the user ends', async (context) => {
  const { run } = await own(context)
  const { window, last } = await run(
    `class U extends HttpUser { @task async go() { await this.http.get('/a') } get onStop(): never { throw new Error('no onStop') } }`,
    { options: { iterations: 1, runTimeMs: 3_000 } },
  )
  expect([...window.exceptions].map(([message, { count }]) => [message, count])).toEqual([['Error: no onStop', 1]])
  expect([...window.workers.values()].map(({ terminated }) => terminated)).toEqual([false])
  expect([last.final, last.failure]).toEqual([true, null])
})

test('if a wait is set to an invalid value during the run, an exception is counted, and the user continues', async (context) => {
  const { run } = await own(context)
  const { window } = await run(
    `class U extends HttpUser { wait: any = constant('1ms'); @task async go() { await this.http.get('/a'); this.wait = '2s' } }`,
    { options: { iterations: 2 } },
  )
  expect(requestsIn(window)).toEqual({ 'GET /a': 2 })
  expect([...window.exceptions.keys()]).toEqual([
    expect.stringMatching(/^RangeError: wait of class U is "2s"; write wait = constant/),
  ])
})

test('messages that a library sends to parentPort are not mistaken for counts', async (context) => {
  const { run } = await own(context)
  const { window, last } = await run(
    `import * as threads from 'node:worker_threads'
threads.parentPort?.on('message', () => { throw new Error('a message of burst') })
threads.parentPort?.postMessage(null)
class U extends HttpUser { @task async go() {
  await this.http.get('/a')
  for (const type of ['ready', 'counted', 'failed', 'handOver']) threads.parentPort!.postMessage({ type })
  threads.parentPort!.close()
} }`,
    { options: { iterations: 2 } },
  )
  expect(requestsIn(window)).toEqual({ 'GET /a': 2 })
  expect([...window.exceptions.keys()]).toEqual([])
  expect([last.final, last.failure]).toEqual([true, null])
})

test('if a body never arrives, the request fails after its timeout, and the user continues', async (context) => {
  const { run } = await own(context)
  const { window } = await run(
    `class Never extends Blob { override arrayBuffer(): Promise<ArrayBuffer> { return new Promise(() => {}) } }
class U extends HttpUser { @task async go() {
  const bodies = [{ body: new Never(['x']) }, { multipart: { file: new Never(['x']) } }, { body: () => new ReadableStream() }]
  for (const body of bodies) await this.http.post('/a', { ...body, timeout: 0.3 } as never)
  await this.http.get('/b')
} }`,
  )
  expect(window.requests.get('POST /a')).toMatchObject({ requests: 3, failures: 3 })
  expect([...window.errors.values()].map(({ message, count }) => [message, count])).toEqual([
    ['no complete answer within 300 ms', 3],
  ])
  expect(requestsIn(window)['GET /b']).toBe(1)
  expect([...window.exceptions.keys()]).toEqual([])
})

test('if a Blob cannot be read, the request is not sent and fails, whatever value the Blob throws', async (context) => {
  const { run } = await own(context)
  const { window } = await run(
    `class Broken extends Blob { override async arrayBuffer(): Promise<ArrayBuffer> { throw undefined } }
class U extends HttpUser { @task async go() { await this.http.post('/a', { body: new Broken(['x']) }) } }`,
  )
  const row = window.requests.get('POST /a')
  expect([row?.requests, row?.failures, row?.exchanges]).toEqual([1, 1, 0])
  expect([...window.errors.values()].map(({ kind, message }) => [kind, message])).toEqual([
    ['expect', 'the body failed: undefined'],
  ])
})
