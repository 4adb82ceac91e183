import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alphabetical } from '../../../../../../core/report/rows.ts'
import { runSlice } from '../../../slice-run.ts'

let server: Server
let host = ''
/** The `traceparent` headers for each path (with its query), in the order of arrival. */
let seen: [path: string, traceparent: string | undefined][] = []
beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    seen.push([url, headers['traceparent'] as string | undefined])
    response.writeHead(url === '/gone' ? 302 : url.startsWith('/bad') ? 500 : 200, { location: '/home' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const own = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-00`

async function tracesOf(traceContext: boolean, seed: string) {
  seen = []
  const scenario = `import { HttpUser, scenario } from 'burst'
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    await this.http.get('/plain')
    await this.http.post('/with-options', { json: {}, query: { a: 1 } })
    await this.http.get('/gone')
    await this.http.get('/bad')
    await this.http.get('/bad-own', { headers: { Traceparent: '${own}' } })
  }
}
export default scenario({ host: '${host}', users: [U] })`
  const options = { users: 3, iterations: 2, runTimeMs: 20_000, ...(traceContext && { traceContext }) }
  const { window } = await runSlice({ host, scenario, options, plan: (plan) => ({ ...plan, seed }) })
  const exemplars = [...window.errors.values()].flatMap((error) => error.exemplars)
  return { sent: seen, exemplars }
}

test('with traceContext, the seed determines a separate trace for each request, and examples of failures name the trace of their request', async () => {
  const first = await tracesOf(true, 'monday')
  const traces = first.sent
    .filter(([path]) => path !== '/home' && path !== '/bad-own')
    .map(([, traceparent]) => traceparent ?? '')
  expect(traces).toHaveLength(3 * 2 * 4)
  for (const one of traces) expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(new Set(traces).size).toBe(traces.length)
  const of = (path: string) => first.sent.filter(([one]) => one === path).map(([, traceparent]) => traceparent)
  expect(new Set(of('/home'))).toEqual(new Set(of('/gone')))
  expect(new Set(of('/bad-own'))).toEqual(new Set([own]))
  const named = new Set(of('/bad').map((traceparent) => traceparent?.split('-')[1]))
  for (const { url, traceId } of first.exemplars)
    expect(url.endsWith('/bad-own') ? traceId === 'ab'.repeat(16) : named.has(traceId), `${url} ${traceId}`).toBe(true)
  expect(first.exemplars.length).toBeGreaterThan(1)

  const again = await tracesOf(true, 'monday')
  expect(again.sent.map(String).toSorted(alphabetical)).toEqual(first.sent.map(String).toSorted(alphabetical))
  const other = new Set((await tracesOf(true, 'tuesday')).sent.map(([, traceparent]) => traceparent))
  expect(traces.filter((one) => other.has(one))).toEqual([])
})

test('without traceContext only the traceparent header of the scenario is sent', async () => {
  const { sent, exemplars } = await tracesOf(false, 'monday')
  expect(new Set(sent.filter(([path]) => path !== '/bad-own').map(([, traceparent]) => traceparent))).toEqual(
    new Set([undefined]),
  )
  expect(exemplars.some((one) => one.traceId === undefined)).toBe(true)
})
