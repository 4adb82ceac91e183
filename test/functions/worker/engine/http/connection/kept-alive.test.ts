import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestCell } from '../../../../../../core/window/window.ts'
import { type RawAnswer, type RawTarget, answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { rowOf } from '../../counted.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const ok = answerOf('ok')
const turns = new Map<string, number>()

/** Answers the second request for each path with `answer`, and all other requests normally. */
const second =
  (answer: RawAnswer): RawAnswer =>
  (request, socket) => {
    const turn = (turns.get(request.path) ?? 0) + 1
    turns.set(request.path, turn)
    if (turn === 2) answer(request, socket)
    else socket.write(ok)
  }

const answers: Record<string, RawAnswer> = {
  '/closes': second((_, socket) => socket.end()),
  '/resets': second((_, socket) => socket.resetAndDestroy()),
  '/posted': second((_, socket) => socket.end()),
  '/keyed': second((_, socket) => socket.end()),
  '/moved': second((_, socket) => socket.end()),
  '/locked': second((_, socket) => socket.end()),
  '/begins': second((_, socket) => socket.end('HTTP/1.1 2')),
  '/interim': second((_, socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n')),
  '/first': (_, socket) => socket.write(ok),
  '/never': (_, socket) => socket.end(),
  // The target closes the connection after the response, before the user writes the next request.
  '/leaves': (_, socket) => void socket.end(ok),
}

const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    const { http } = this
    for (let i = 0; i < 2; i++) await http.get('/closes')
    for (let i = 0; i < 2; i++) await http.put('/resets', { body: 'x' })
    for (let i = 0; i < 2; i++) await http.post('/posted', { body: 'x' })
    for (let i = 0; i < 2; i++) await http.post('/keyed', { body: 'x', headers: { 'Idempotency-Key': '7' } })
    for (let i = 0; i < 2; i++) await http.request('MOVE', '/moved')
    for (let i = 0; i < 2; i++) await http.request('LOCK', '/locked')
    for (let i = 0; i < 2; i++) await http.get('/begins')
    for (let i = 0; i < 2; i++) await http.get('/interim')
    await http.get('/first')
    await http.get('/never')
    await http.get('/never')
    for (let i = 0; i < 3; i++) {
      await http.post('/leaves', { body: 'x' })
      await this.sleep('50ms')
    }
  }
}
export default scenario({ host: '${host}', users: [U] })`

let target: RawTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRawTarget(answers)
  result = await runSlice({
    scenario: scenario(target.origin),
    host: target.origin,
    options: { users: 1, iterations: 1, runTimeMs: 60_000 },
  })
}, 90_000)
afterAll(() => target.close())

const row = (name: string): RequestCell => rowOf(result, name)
const receivedOf = (path: string): number => target.received.filter((one) => one.path === path).length

describe('a request on a kept-alive connection that the target closes', () => {
  test.each([['/closes'], ['/resets'], ['/keyed'], ['/moved']])(
    'if a kept-alive connection closes, a request that is safe to repeat is sent once more, on a new connection: %s',
    (name) => {
      expect(row(name)).toMatchObject({ requests: 2, failures: 0, exchanges: 2, reconnects: 1 })
      expect(receivedOf(name)).toBe(3)
    },
  )

  test.each(['/posted', '/locked'])(
    'if a kept-alive connection closes, a request that is not safe to repeat fails: %s',
    (name) => {
      expect(row(name)).toMatchObject({ requests: 2, failures: 1, exchanges: 2, reconnects: 0 })
      expect(receivedOf(name)).toBe(2)
    },
  )

  test.each(['/begins', '/interim'])(
    'a request fails if its kept-alive connection closes after a byte of a response has arrived: %s',
    (name) => {
      expect(row(name)).toMatchObject({ requests: 2, failures: 1, exchanges: 2, reconnects: 0 })
      expect(receivedOf(name)).toBe(2)
    },
  )

  test('if two connections in succession close without an answer, the request fails and has two exchanges', () => {
    // The first exchange is on a kept-alive connection, and the second exchange is on a new connection.
    expect(row('/never')).toMatchObject({ requests: 2, failures: 2, exchanges: 3, reconnects: 1 })
    expect(receivedOf('/never')).toBe(3)
  })

  test('if a kept-alive connection closes before a request is written, the request is sent once, on a new connection', () => {
    expect(row('/leaves')).toMatchObject({ requests: 3, failures: 0, exchanges: 3, reconnects: 0 })
  })
})

test('if a request is sent again on a new connection, the connect time of that connection is recorded, and the request has a single latency', () => {
  expect(row('/closes').latency.count).toBe(2)
  expect(row('/closes').connect.count).toBe(2)
})

test("if connection: 'close' is set for a request or for a class, each of these requests has its own connection", async () => {
  const target = await startRawTarget({ '*': (_, socket) => socket.write(ok) })
  try {
    const { window } = await runSlice({
      host: target.origin,
      scenario: `import { HttpUser, scenario, task } from 'burst'
class Keeps extends HttpUser {
  static count = 1
  @task async go() {
    await this.http.get('/a')
    await this.http.get('/closed', { connection: 'close' })
    await this.http.post('/b', { body: 'x' })
    await this.http.get('/c')
  }
}
class Closes extends HttpUser {
  static connection = 'close'
  static count = 1
  @task async go() {
    await this.http.get('/class')
    await this.http.get('/class')
    await this.http.delete('/class', { headers: { 'x-a': '1' } })
    await this.http.get('/kept', { connection: 'keep-alive' })
    await this.http.get('/kept', { connection: 'keep-alive' })
    await this.http.get('/', { connection: 'open' })
  }
}
export default scenario({ host: '${target.origin}', users: [Keeps, Closes] })`,
      options: { users: 2, iterations: 1, runTimeMs: 20_000 },
    })
    expect([...window.errors.values()]).toEqual([])
    expect([...window.exceptions.keys()]).toEqual([
      `TypeError: connection is "open"; it must be 'close' or 'keep-alive'`,
    ])
    const connects = [...window.requests].map(([name, { connect, requests }]) => `${name} ${connect.count}/${requests}`)
    expect(connects.toSorted()).toEqual([
      'DELETE /class 1/1',
      'GET /a 1/1',
      'GET /c 0/1',
      'GET /class 2/2',
      'GET /closed 0/1',
      'GET /kept 1/2',
      'POST /b 1/1',
    ])
    const closing = target.received.filter(({ lines }) => lines.includes('connection: close')).map(({ path }) => path)
    expect(closing.toSorted()).toEqual(['/class', '/class', '/class', '/closed'])
  } finally {
    await target.close()
  }
})
