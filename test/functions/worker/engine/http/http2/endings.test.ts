import { afterEach, expect, test } from 'vitest'
import { Targets } from '../../../../../../functions/guard/targets.ts'
import { Turns } from '../../../../../../functions/worker/engine/health/loop-turns.ts'
import { ConnectionMaker } from '../../../../../../functions/worker/engine/http/connection/connector.ts'
import { Exchange } from '../../../../../../functions/worker/engine/http/exchange.ts'
import { Http2Connections } from '../../../../../../functions/worker/engine/http/http2/http2-connections.ts'
import { Meter } from '../../../../../../functions/worker/engine/http/meter.ts'
import type { Outgoing } from '../../../../../../functions/worker/engine/http/outgoing.ts'
import { ok } from '../../../../../targets/http2-target.ts'
import { runSlice } from '../../../slice-run.ts'
import { Http2Tests, files, once, told } from './http2-tests.ts'

const http2 = new Http2Tests()
afterEach(() => http2.end())

function outgoingTo(origin: string, path: string): Outgoing {
  const what = { origin, path, method: 'GET', headers: {}, body: null }
  return { ...what, hopHeaders: false, close: undefined, keepBody: false }
}

test('a request that is cancelled very early is still counted if the target received the request', async () => {
  const target = await http2.start({ plain: true })
  const written = new SharedArrayBuffer(4)
  const meter = new Meter(written, new Turns())
  const maker = new ConnectionMaker(new Targets(null))
  const connections = new Http2Connections(maker, true)
  const begin = (path: string): { exchange: Exchange; ended: Promise<Exchange> } => {
    const { promise: ended, resolve } = Promise.withResolvers<Exchange>()
    const exchange = new Exchange(outgoingTo(target.origin, path), connections, meter, {
      isRedirect: () => false,
      exchangeDone: resolve,
    })
    exchange.begin(performance.now())
    return { exchange, ended }
  }
  // The connection is not open yet when this request ends.
  begin('/too-early').exchange.cancel(new Error('given up'))
  expect((await begin('/first').ended).status).toBe(200)
  const { exchange, ended } = begin('/given-up')
  exchange.cancel(new Error('given up'))
  expect([(await ended).error?.message, exchange.hops]).toEqual(['given up', 1])
  const last = await begin('/last').ended
  expect([last.error, last.status, last.hops]).toEqual([null, 200, 1])
  connections.close()
  while (maker.sockets > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(target.received.map(({ path }) => path)).toEqual(['/first', '/given-up', '/last'])
  expect(new Int32Array(written)[0]).toBe(3)
  expect(new Set(target.received.map(({ connection }) => connection)).size).toBe(1)
})

test('requests in flight are still answered on a connection that the target is about to close, and later requests get a new connection', async () => {
  const target = await http2.start({
    answers: {
      '/leaving': (exchange) => {
        exchange.session.close()
        ok(exchange)
      },
      '/slow': (exchange) => {
        const isLeaving = (): boolean => target.received.some(({ path }) => path === '/leaving')
        const timer = setInterval(() => {
          if (!isLeaving()) return
          clearInterval(timer)
          exchange.stream.respond({ ':status': 200 })
          exchange.stream.end('ok')
        }, 30)
      },
      '/events': ({ stream }) => {
        stream.respond({ ':status': 200, 'content-type': 'text/event-stream' })
        for (let i = 0; i < 5; i++) stream.write(`data: ${i}\n\n`)
      },
    },
  })
  const result = await runSlice({
    host: target.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    const { http } = this
    await http.get('/before')
    await Promise.all([http.get('/slow'), http.get('/slow'), http.get('/leaving')])
    await http.get('/after')
    const seen = []
    for await (const { data } of http.sse('/events')) if (seen.push(data) === 3) break
    this.record({ method: 'events', name: seen.join(), ms: 1 })
    await http.get('/last')
  }
}
export default scenario({ host: '${target.origin}', users: [U], http2: 'auto', tls: { ca: 'ca.pem' } })`,
    options: once,
  })
  expect(told(result)).toEqual([])
  const connections = target.received.map(({ path, connection }) => `${path} ${connection}`)
  expect(connections).toEqual(['/before 1', '/slow 1', '/slow 1', '/leaving 1', '/after 2', '/events 2', '/last 2'])
  expect([...result.window.metrics.keys()]).toContain('events 0,1,2')
  const cells = [...result.window.requests.values()]
  expect(cells.reduce((sum, { exchanges, reconnects }) => sum + exchanges + reconnects, 0)).toBe(7)
})

test('each request that the target has received is one exchange, whenever the timeout occurs', async () => {
  const target = await http2.start({
    answers: { '*': (exchange) => void setTimeout(() => ok(exchange), Math.random() * 60) },
  })
  const result = await runSlice({
    host: target.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    const all = Array.from({ length: 12 }, () => this.http.post('/', { body: 'x'.repeat(2000), timeout: 0.01 + this.random.int(0, 80) / 1000 }))
    await Promise.all(all)
  }
}
export default scenario({ host: '${target.origin}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 5, iterations: 10 },
  })
  const cell = result.window.requests.get('POST /')
  expect(told(result).filter((one) => !one.startsWith('timeout'))).toEqual([])
  expect([cell?.requests, cell?.reconnects, cell?.interrupted]).toEqual([600, 0, 0])
  expect(cell?.failures).toBeGreaterThan(0)
  expect(cell?.exchanges).toBe(target.received.length)
  expect(target.connections()).toBe(5)
})
