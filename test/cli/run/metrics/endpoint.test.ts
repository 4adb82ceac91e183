import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { metricsPlace, serveMetrics } from '../../../../cli/run/metrics/endpoint.ts'
import type { RunObserver } from '../../../../cli/run/observer.ts'

const open: RunObserver[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

async function served(place = '0'): Promise<URL> {
  let said = ''
  open.push(await serveMetrics(metricsPlace(place), (line) => (said = line)))
  return new URL(said.replace('metrics  ', ''))
}

/** Sends a request with the given Host header. fetch cannot set this header. */
function send(url: URL, { method = 'GET', path = '/metrics', host = url.host }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: url.port, method, path, headers: { host } }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode))
    })
    sent.once('error', reject).end()
  })
}

test('--prometheus listens on loopback by default, or on the given host', () => {
  expect(metricsPlace('9464')).toEqual({ host: '127.0.0.1', port: 9464 })
  expect(metricsPlace('0.0.0.0:9464')).toEqual({ host: '0.0.0.0', port: 9464 })
  expect(metricsPlace('[::1]:0')).toEqual({ host: '::1', port: 0 })
})

test.each(['', 'x', ':9464', '65536', '9464/metrics', 'http://localhost:9464', 'a b:1', '-1'])(
  'the value %j of --prometheus is refused',
  (text) => expect(() => metricsPlace(text)).toThrow(`--prometheus is ${JSON.stringify(text)}`),
)

test('the endpoint answers only GET /metrics, and only if the Host header names this machine', async () => {
  const url = await served()
  expect(await send(url, {})).toBe(200)
  expect(await send(url, { host: `localhost:${url.port}` })).toBe(200)
  expect(await send(url, { host: `evil.example:${url.port}` })).toBe(421)
  expect(await send(url, { path: '/' })).toBe(404)
  expect(await send(url, { method: 'POST' })).toBe(405)
})

test('the error for a port that is in use, or for an address of another machine, is one sentence', async () => {
  const { port } = await served()
  await expect(served(port)).rejects.toThrow(
    `the metrics cannot be served on 127.0.0.1:${port}: port ${port} is already in use`,
  )
  await expect(served('192.0.2.1:0')).rejects.toThrow('--prometheus 192.0.2.1:0 is not an address of this machine')
})
