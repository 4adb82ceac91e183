import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { OtlpPush, otlpHeaders, otlpUrl } from '../../../../cli/run/metrics/otlp-push.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'
import { planOf, startAt } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'
import { startCountingTarget } from '../../../targets/counting-target.ts'
import { project, runIn } from '../../journey.ts'

interface Point {
  attributes: { key: string; value: { stringValue: string } }[]
  asInt?: string
  count?: string
  bucketCounts?: string[]
}
interface Metric {
  name: string
  sum?: { dataPoints: Point[] }
  histogram?: { dataPoints: Point[] }
}
interface Message {
  resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[]
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Starts an OTLP receiver. The receiver stores the accepted messages. */
async function receiver(statusOf: (message: number) => number) {
  const [accepted, requests]: [Message[], IncomingMessage[]] = [[], []]
  const server = createServer((request, response) => {
    requests.push(request)
    const status = statusOf(requests.length)
    void text(request).then((body) => {
      if (status === 200) accepted.push(JSON.parse(body) as Message)
      response.writeHead(status).end('{}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { accepted, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Returns the metrics of the last accepted message. */
function metricsOf(accepted: readonly Message[]): Metric[] {
  const [resource] = accepted.at(-1)?.resourceMetrics ?? []
  return resource?.scopeMetrics[0]?.metrics ?? []
}

function pointsOf(metrics: readonly Metric[], name: string): Point[] {
  const found = metrics.find((one) => one.name === name)
  return (found?.sum ?? found?.histogram)?.dataPoints ?? []
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

const scenario = (host: string): string => `import { HttpUser, constant, scenario, task } from 'burst'
class U extends HttpUser {
  wait = constant('50ms')
  @task async page() { await this.http.get('/page') }
  @task async gone() { await this.http.get('/status/404') }
}
export default scenario({ host: '${host}', users: [U] })`

test('the last OTLP message contains the counts of the report, and a failing receiver causes one warning but does not affect the run', async () => {
  const target = await startCountingTarget()
  const { accepted, requests, url } = await receiver((message) => (message === 1 ? 503 : 200))
  const folder = await project({ 'a.burst.ts': scenario(target.origin) })
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-scope=a%20b' }
  const { report, stdout } = await runIn(folder, ['-u', '2', '-t', '12s', '--workers', '2', '--otlp', url], env)
  await target.close()
  expect(requests[0]).toMatchObject({
    url: '/v1/metrics',
    headers: { 'x-scope': 'a b', 'content-type': 'application/json' },
  })
  expect(stdout.match(/the OTLP receiver did not accept a message: status 503/g)).toHaveLength(1)
  expect(stdout.match(/the OTLP receiver accepts messages again/g)).toHaveLength(1)
  const metrics = metricsOf(accepted)
  const sumOf = (name: string): number => sum(pointsOf(metrics, name).map(({ asInt }) => Number(asInt)))
  const { requests: all, failures, exchanges, bytesIn } = report.totals
  expect([sumOf('burst.requests'), sumOf('burst.failures'), sumOf('burst.exchanges'), sumOf('burst.received')]).toEqual(
    [all, failures, exchanges, bytesIn],
  )
  const lengths = pointsOf(metrics, 'burst.latency')
  expect(sum(lengths.map(({ count }) => Number(count)))).toBe(all)
  for (const { bucketCounts = [], count } of lengths) expect(sum(bucketCounts.map(Number))).toBe(Number(count))
  expect(lengths[0]?.attributes.map(({ key }) => key)).toEqual(['run', 'scenario', 'method', 'name'])
})

test('a URL without a path gets the default path, and the error for an invalid URL or header shows no secret', () => {
  expect(otlpUrl('http://localhost:4318').href).toBe('http://localhost:4318/v1/metrics')
  expect(otlpUrl('https://otlp.example/otlp/v1/metrics').href).toBe('https://otlp.example/otlp/v1/metrics')
  for (const wrong of ['', 'localhost:4318', 'ftp://x', 'http://user:s3cret@x/'])
    expect(() => otlpUrl(wrong)).toThrow(/^--otlp is not the URL of a receiver$/)
  expect(otlpHeaders('authorization=Bearer%20abc, X-Org = 1')).toEqual({ authorization: 'Bearer abc', 'x-org': '1' })
  for (const wrong of ['s3cret', 'a=%zz', 'a b=c', 'a=b%0ac'])
    expect(() => otlpHeaders(wrong)).toThrow(/^OTEL_EXPORTER_OTLP_HEADERS cannot be read$/)
})

test('Ctrl-C ends the wait for a receiver that does not answer', async () => {
  let requests = 0
  const server = createServer(() => requests++)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`)
  const said: string[] = []
  const push = new OtlpPush({ url, headers: {}, say: (line) => said.push(line) })
  push.began({ plan: planOf(), store: new MemoryStore(), nowMs: () => startAt + 20_000 })
  const handlers = process.listenerCount('SIGINT')
  const ended = push.ended(syntheticReport({ seconds: 20 }))
  expect(process.listenerCount('SIGINT')).toBe(handlers + 1)
  await expect.poll(() => requests).toBe(1)
  process.emit('SIGINT')
  await ended
  expect(said).toEqual(['metrics: the OTLP receiver did not accept the last counts'])
  expect(process.listenerCount('SIGINT')).toBe(handlers)
})
