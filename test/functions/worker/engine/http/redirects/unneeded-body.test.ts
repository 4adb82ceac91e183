import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startHttp2Target } from '../../../../../targets/http2-target.ts'
import { type RawAnswer, answerOf, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { tlsFixture } from '../../../../../targets/tls-target.ts'
import { failuresOf, rowOf } from '../../counted.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const clean: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const one of clean.splice(0)) await one()
})

/** Answers with a redirect to `/end`, and then writes its body. */
const redirect =
  (headers: string, body: (socket: Socket) => void): RawAnswer =>
  (_, socket) => {
    socket.write(`HTTP/1.1 302 Found\r\nLocation: /end\r\n${headers}\r\n\r\n`)
    body(socket)
  }

const chunked = 'Transfer-Encoding: chunked'

function writeWithoutEnd(socket: Socket): void {
  const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const write = (): void => void (socket.destroyed || (socket.write(piece) ? setImmediate(write) : undefined))
  socket.on('drain', write)
  write()
}

function trickle(socket: Socket): void {
  const timer = setInterval(() => socket.write('1\r\nx\r\n'), 10)
  socket.once('close', () => clearInterval(timer))
}

const unending: Record<string, RawAnswer> = {
  '/silent': redirect('Content-Length: 400', () => undefined),
  '/trickle': redirect(chunked, trickle),
  '/large': redirect(chunked, writeWithoutEnd),
  '/to-close': redirect('Connection: close', (socket) => socket.write('moved')),
}

const scenario = (host: string, paths: readonly string[], chain = ''): string => `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    for (const path of ${JSON.stringify(paths)}) await this.http.get(path, { timeout: '20s' })${chain}
  }
}
export default scenario({ host: '${host}', users: [U], http2: 'auto', tls: { ca: 'ca.pem' } })`

function run(host: string, paths: readonly string[], chain?: string): Promise<SliceRunResult> {
  const files = { 'ca.pem': tlsFixture('ca.pem') }
  const options = { users: 1, iterations: 1, runTimeMs: 60_000 }
  return runSlice({ scenario: scenario(host, paths, chain), host, files, options })
}

const followed = { requests: 1, failures: 0, interrupted: 0, exchanges: 2, statuses: new Map([[200, 1]]) }

test('a redirect whose body does not end is followed after a short time, and its connection is closed', async () => {
  const target = await startRawTarget({ ...unending, '/end': (_, socket) => socket.write(answerOf('end')) })
  clean.push(() => target.close())
  const paths = Object.keys(unending)
  const result = await run(target.origin, paths)
  for (const path of paths) {
    expect([path, failuresOf(result, path)]).toEqual([path, []])
    expect(rowOf(result, path)).toMatchObject(followed)
    expect([path, rowOf(result, path).bytesIn]).toEqual([path, 3])
    // The time limit of the requests is 20 s.
    expect(rowOf(result, path).latency.percentileMs(100)).toBeLessThan(10_000)
  }
  expect(target.received.map(({ path, connection }) => `${connection} ${path}`)).toEqual(
    paths.flatMap((path, k) => [`${k + 1} ${path}`, `${k + 2} /end`]),
  )
}, 60_000)

test('a redirect whose body is cut short is followed', async () => {
  const target = await startRawTarget({
    '/cut': redirect('Content-Length: 400', (socket) => socket.end('moved')),
    '/end': (_, socket) => socket.write(answerOf('end')),
  })
  clean.push(() => target.close())
  const result = await run(target.origin, ['/cut'])
  expect(failuresOf(result, '/cut')).toEqual([])
  expect(rowOf(result, '/cut')).toMatchObject(followed)
}, 60_000)

test('the connection of a redirect stays open if the body of the redirect ends', async () => {
  const target = await startRawTarget({
    '/moved': redirect(`Content-Length: 60000`, (socket) => socket.write('x'.repeat(60_000))),
    '/end': (_, socket) => socket.write(answerOf('end')),
  })
  clean.push(() => target.close())
  const result = await run(target.origin, ['/moved'])
  expect(rowOf(result, '/moved')).toMatchObject(followed)
  expect(target.received.map(({ path, connection }) => `${connection} ${path}`)).toEqual(['1 /moved', '1 /end'])
}, 60_000)

test('a redirect that the scenario expects is the final response, and the user waits for its whole body', async () => {
  const target = await startRawTarget({
    '/large': redirect(chunked, (socket) => {
      socket.write(`20000\r\n${'x'.repeat(131_072)}\r\n`)
      setTimeout(() => socket.write('0\r\n\r\n'), 500)
    }),
  })
  clean.push(() => target.close())
  const result = await run(target.origin, ['/large'], '.expect(302)')
  expect(failuresOf(result, '/large')).toEqual([])
  expect(rowOf(result, '/large')).toMatchObject({ exchanges: 1, bytesIn: 131_072, statuses: new Map([[302, 1]]) })
}, 60_000)

test('over HTTP/2, a redirect whose body does not end is followed on the same connection, and its stream is cancelled', async () => {
  const target = await startHttp2Target({
    answers: {
      '/silent': ({ stream }) => {
        stream.respond({ ':status': 302, location: '/end' })
        stream.write('moved')
      },
    },
  })
  clean.push(() => target.close())
  const result = await run(target.origin, ['/silent'])
  expect(failuresOf(result, '/silent')).toEqual([])
  expect(rowOf(result, '/silent')).toMatchObject(followed)
  expect(target.received.map(({ path, connection }) => `${connection} ${path}`)).toEqual(['1 /silent', '1 /end'])
  expect(target.received[0]?.aborted).toBe(8)
}, 60_000)
