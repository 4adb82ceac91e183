import { performance } from 'node:perf_hooks'
import { afterEach, expect, test } from 'vitest'
import type { Http2TargetOptions } from '../../../../../targets/http2-target.ts'
import { runSlice } from '../../../slice-run.ts'
import { Http2Tests, files, once, spoken, told } from './http2-tests.ts'

const http2 = new Http2Tests()
afterEach(() => http2.end())

test('concurrent requests of a user share one connection, up to the number of streams that the target permits', async () => {
  const slow: Http2TargetOptions['answers'] = {
    '*': ({ stream }) => {
      setTimeout(() => {
        stream.respond({ ':status': 200 })
        stream.end('ok')
      }, 20)
    },
  }
  const [narrow, wide] = await Promise.all([
    http2.start({ answers: slow, settings: { maxConcurrentStreams: 3 } }),
    http2.start({ answers: slow, settings: { maxConcurrentStreams: 1000 } }),
  ])
  const result = await runSlice({
    host: narrow.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    const all = (origin, name) => Array.from({ length: 40 }, (_, i) => this.http.get(origin + '/' + i, { name }))
    await Promise.all([...all('${narrow.origin}', '/narrow'), ...all('${wide.origin}', '/wide')])
  }
}
export default scenario({ host: '${narrow.origin}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 2 },
  })
  expect(told(result)).toEqual([])
  expect([narrow.connections(), narrow.mostStreams(), narrow.received.length]).toEqual([2, 3, 80])
  expect([wide.connections(), wide.received.length]).toEqual([2, 80])
  expect(wide.mostStreams()).toBeGreaterThan(6)
  expect(spoken(result)).toEqual([`HTTP/2 ${narrow.origin} 2 80`, `HTTP/2 ${wide.origin} 2 80`].toSorted())
})

test('users with shared connections also share HTTP/2 connections, and a host that is not allowed is refused', async () => {
  const target = await http2.start({ settings: { maxConcurrentStreams: 4 } })
  const result = await runSlice({
    host: target.origin,
    allow: ['localhost'],
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/a')
    await this.http.get('https://other.example/b', { name: '/refused' })
  }
}
export default scenario({ host: '${target.origin}', users: [U], http2: true, connections: 'shared', tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 12, iterations: 3 },
  })
  expect(told(result)).toEqual([expect.stringMatching(/^refused \/refused 36: other\.example is not among the hosts/)])
  expect(target.received).toHaveLength(36)
  expect(target.connections()).toBeLessThan(12)
  expect(target.mostStreams()).toBeLessThanOrEqual(4)
})

test('when the run stops, requests in flight count as interrupted, and each request that the target has received is counted', async () => {
  const target = await http2.start({ answers: { '/hangs': () => undefined } })
  const result = await runSlice({
    host: target.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('/answered')
    const all = Array.from({ length: 5 }, () => this.http.get('/hangs'))
    await Promise.all(all)
  }
}
export default scenario({ host: '${target.origin}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 4, stopTimeoutMs: 300 },
    during: async ({ stop }) => {
      const isThere = (): boolean => target.received.filter(({ path }) => path === '/hangs').length === 20
      while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20))
      await stop()
    },
  })
  const cells = [...result.window.requests.values()]
  const sum = (what: 'exchanges' | 'interrupted'): number => cells.reduce((all, cell) => all + cell[what], 0)
  expect([sum('exchanges'), sum('interrupted'), target.received.length]).toEqual([4, 20, 24])
  expect(target.received.filter(({ path }) => path === '/hangs').every(({ aborted }) => aborted !== undefined)).toBe(
    true,
  )
})

test('the latency runs from just before the request is written to the last byte, and agrees with the time that the target measures', async () => {
  const delayMs = 20
  const target = await http2.start({
    answers: {
      '*': ({ stream, request }) => {
        setTimeout(() => {
          stream.respond({
            ':status': 200,
            'took-ms': String(performance.timeOrigin + performance.now() - request.atMs),
          })
          stream.end('ok')
        }, delayMs)
      },
    },
  })
  const { window } = await runSlice({
    host: target.origin,
    files,
    scenario: `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    const all = await Promise.all(Array.from({ length: 8 }, () => this.http.get('/')))
    for (const { latencyMs, headers } of all) {
      const tookMs = Number(headers.get('took-ms'))
      this.record({ method: 'latency', name: latencyMs >= tookMs ? 'right' : 'below the truth', ms: latencyMs - tookMs })
    }
  }
}
export default scenario({ host: '${target.origin}', users: [U], http2: true, tls: { ca: 'ca.pem' } })`,
    options: { ...once, users: 10, iterations: 10 },
  })
  const measured = Object.fromEntries([...window.metrics.values()].map(({ name, count }) => [name, count]))
  expect(measured).toEqual({ right: 800 })
  const cell = window.requests.get('GET /')
  expect([cell?.latency.count, cell?.firstByte.count, cell?.connect.count]).toEqual([800, 800, 10])
})
