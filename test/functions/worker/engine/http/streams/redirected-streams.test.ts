import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { failuresOf, rowOf } from '../../counted.ts'
import { runSlice } from '../../../slice-run.ts'

const iterations = 5

/**
 * A target that redirects `/moved` to an endless stream. The body of the redirect does not end. The target answers `/gate` 30 ms after it has sent
 * the head of the redirect.
 */
async function startMovingTarget(): Promise<Awaited<ReturnType<typeof startRawTarget>> & { openBefore: number[] }> {
  const open = new Set<Socket>()
  const openBefore: number[] = []
  const moved = Promise.withResolvers<void>()
  const target = await startRawTarget({
    '/moved': (_, socket) => {
      openBefore.push(open.size)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      socket.write('HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 400\r\n\r\nmoved', () => moved.resolve())
    },
    '/end': (_, socket) => {
      open.add(socket)
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
      const timer = setInterval(() => socket.write('9\r\ndata: 1\n\n\r\n'), 50)
      socket.once('close', () => {
        clearInterval(timer)
        open.delete(socket)
      })
    },
    '/gate': (_, socket) => {
      // When the worker receives this answer, the worker has read the head of the redirect and is still reading the body. The worker stops reading
      // the body after at most 100 ms.
      const answer = (): void => void setTimeout(() => socket.write(answerOf('ok')), 30)
      void moved.promise.then(answer)
    },
  })
  return { ...target, openBefore }
}

test.for(['sse', 'stream'] as const)(
  'if a task ends while the body of a redirect of http.%s is still open, the request ends and is counted once, and only the connection of this request closes',
  { timeout: 60_000 },
  async (kind, { onTestFinished }) => {
    const target = await startMovingTarget()
    onTestFinished(() => target.close())
    const result = await runSlice({
      host: target.origin,
      scenario: `
import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('300ms')
  tasks = { leave: 1 }
  async leave() {
    const read = async () => { for await (const _ of this.http.${kind}('/moved')); }
    const gate = this.http.get('/gate')
    void read().catch(() => {})
    await gate
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      options: { users: 1, iterations, runTimeMs: 30_000 },
    })
    const connectionsOf = (path: string): number[] =>
      target.received.filter((one) => one.path === path).map(({ connection }) => connection)
    const [moved, followed] = [connectionsOf('/moved').length, connectionsOf('/end').length]
    const { exchanges, interrupted, failures } = rowOf(result, '/moved')
    expect([exchanges + interrupted, failures]).toEqual([moved + followed, 0])
    expect(rowOf(result, '/gate')).toMatchObject({ requests: iterations, failures: 0 })
    // On a busy machine, burst may follow the redirect before the task ends. The request for `/end` may then use the connection of `/gate`, and this
    // connection closes when the task ends. As long as burst does not follow a redirect, all requests for `/gate` use one connection.
    expect(new Set(connectionsOf('/gate')).size).toBeLessThanOrEqual(1 + followed)
    // Before each request, the connections of the earlier requests are closed.
    expect(target.openBefore).toEqual(Array.from({ length: iterations }, () => 0))
  },
)

test('if burst cannot follow the redirects of an event stream, the loop throws, and the stream is not opened again', async ({
  onTestFinished,
}) => {
  const location = (to: string) => (_: unknown, socket: Socket) =>
    void socket.write(answerOf('').toString().replace('200 OK', `302 Found\r\nLocation: ${to}`))
  const target = await startRawTarget({ '/loop': location('/loop'), '/nowhere': location('http://[') })
  onTestFinished(() => target.close())
  const result = await runSlice({
    host: target.origin,
    scenario: `
import { HttpUser, constant, scenario } from 'burst'
class U extends HttpUser {
  wait = constant('10ms')
  tasks = { loop: 1 }
  async loop() {
    for (const path of ['/loop', '/nowhere']) {
      try {
        for await (const _ of this.http.sse(path, { redirects: 3 }));
      } catch {}
    }
  }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    options: { users: 1, iterations, runTimeMs: 20_000 },
  })
  for (const name of ['/loop', '/nowhere']) {
    expect(rowOf(result, name)).toMatchObject({ requests: iterations, failures: iterations })
  }
  expect(failuresOf(result, '/loop')).toEqual(['protocol: more than 3 redirects'])
  expect(failuresOf(result, '/nowhere')).toEqual(['protocol: redirect to a location that is not a valid URL'])
}, 60_000)
