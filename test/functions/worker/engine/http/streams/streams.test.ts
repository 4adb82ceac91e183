import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, listening } from '../../../../../targets/server.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const scenario = (host: string): string => `
import { HttpUser, scenario } from 'burst'
const told = []
const ends = async (name, run) => told.push(name + ': ' + await run().then((value) => JSON.stringify(value), (error) => error.name + ' ' + error.message))
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    const { http } = this
    const events = async (route, options, most = Infinity, tell = false) => {
      const [seen, calledMs] = [[], performance.now()]
      let firstMs = 0
      for await (const { type, data, id } of http.sse(route, options)) {
        firstMs ||= performance.now() - calledMs
        if (seen.push([type, data, id]) >= most) break
        // Tells the target that the scenario has read the first piece, and how long the first event took.
        if (tell && seen.length === 2) await fetch('${host}/next?' + firstMs)
      }
      return seen
    }
    const bytes = async (route, options, most = Infinity) => {
      let size = 0
      for await (const chunk of http.stream(route, options)) if ((size += chunk.length) >= most) break
      return size
    }
    await ends('events', () => events('/events', { query: { a: 1 }, reconnect: false }, Infinity, true))
    await ends('left', () => events('/endless', undefined, 3))
    await ends('posted', () => events('/chat', { method: 'POST', json: { prompt: 'hi' } }))
    await ends('redirected', () => events('/to-events', { reconnect: false }, Infinity, true))
    await ends('cut', () => events('/cut', { reconnect: false }))
    await ends('failed', () => events('/missing'))
    await ends('html', () => events('/html'))
    await ends('large event', () => events('/large-event'))
    await ends('silent', () => events('/silent', { timeout: '300ms' }))
    await ends('chunks', () => bytes('/large', {}))
    await ends('left early', () => bytes('/large', { name: 'left early' }, 1))
    await ends('cut chunks', () => bytes('/cut', { name: 'cut chunks' }))
    await ends('slow reader', async () => {
      let size = 0
      for await (const chunk of http.stream('/flood', { timeout: '500ms' })) {
        if (size === 0) await this.sleep('1s')
        size += chunk.length
      }
      return size
    })
    await ends('wrong', async () => { for await (const _ of http.sse('/events', { retries: 1 })); })
    await ends('again', () => events('/again'))
    await ends('not a boolean', () => events('/again', { reconnect: 'no' }))
    const last = http.get('/told')
    for (const [at, text] of told.entries()) last.check(at + ' ' + text, () => true)
    await last
    const drain = async (route) => {
      let read = 0
      // Tells the target that the scenario has read the heads of both streams.
      for await (const _ of http.sse(route, { name: 'until the end' })) if (++read === 5) await fetch('${host}/read')
    }
    await Promise.all([drain('/endless'), drain('/brief')])
    throw new Error('the stream ended before its user')
  }
}
export default scenario({ host: '${host}', users: [U] })
`

const large = 3 * 1024 * 1024
const flood = 48 * 1024 * 1024
const closed: string[] = []
/**
 * The state of the target. `isRead`: the scenario has read the last endless stream. `brief`: the number of requests for `/brief`. `heldBack`: the
 * number of bytes of `/flood` that the target could not send while the user slept. `firstMs`: the times that the first events of `/events` took, as
 * the scenario measured them. `next`: sends the last event of `/events`.
 */
const target = { isRead: false, brief: 0, heldBack: 0, firstMs: [] as number[], next: (): void => undefined }
/** The Last-Event-ID header of each request for `/again`. */
const lastIds: (string | undefined)[] = []
/**
 * The bytes that the target sends on each connection for `/again`. The target cuts off the second connection; the other connections end normally. The
 * last answer has the status 204.
 */
const again = ['retry: 30\nid: 1 \u00E4\ndata: a\n\n', 'id: 2\n\nid: 9\ndata: x', 'id\ndata: b\n\n']
let server: Server
let result: SliceRunResult

const events =
  'data: one\n\n: comment\nid: 7\nevent: price\ndata: {"a":1}\ndata: 2\n\nretry: 10\r\n\r\ndata: \u00E4\n\n'
/** The time in milliseconds from the request for `/next` until the target sends the last event of `/events`. */
const gapMs = 300
const answers: Record<string, (response: ServerResponse) => void> = {
  '/events': (response) => {
    // The piece ends within a multi-byte character.
    const bytes = Buffer.from(events)
    response.write(bytes.subarray(0, -3))
    target.next = () => void setTimeout(() => response.end(bytes.subarray(-3)), gapMs)
  },
  '/next': (response) => {
    target.firstMs.push(Number(response.req.url?.split('?')[1]))
    target.next()
    response.end()
  },
  '/endless': (response) => {
    const timer = setInterval(() => response.write('data: tick\n\n'), 20)
    response.on('close', () => {
      clearInterval(timer)
      closed.push('/endless')
    })
  },
  '/read': (response) => {
    target.isRead = true
    response.end()
  },
  '/brief': (response) => {
    target.brief++
    response.end('retry: 3600000\n\n')
  },
  '/chat': (response) => response.end('data: hello\n\n'),
  '/cut': (response) => {
    response.write('data: one\n\n')
    setTimeout(() => response.destroy(), 50)
  },
  '/large-event': (response) => response.end(`data: ${'x'.repeat(2 * 1024 * 1024)}\n\n`),
  '/silent': (response) => response.write('data: one\n\n'),
  '/large': (response) => response.end(Buffer.alloc(large)),
  '/flood': (response) => {
    response.write(Buffer.alloc(flood))
    setTimeout(() => (target.heldBack = response.writableLength), 500)
    response.end()
  },
}

function answerAgain({ headers }: IncomingMessage, response: ServerResponse): void {
  const id = headers['last-event-id']
  lastIds.push(typeof id === 'string' ? Buffer.from(id, 'latin1').toString('utf8') : undefined)
  const text = again[lastIds.length - 1]
  if (text === undefined) return void response.writeHead(204).end()
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text)
  if (lastIds.length === 2) setTimeout(() => response.destroy(), 50)
  else response.end()
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    request.resume()
    if (path === '/again') return answerAgain(request, response)
    if (path === '/to-events') return response.writeHead(302, { location: '/events' }).end('moved')
    if (path === '/missing') return response.writeHead(404).end('no')
    if (path === '/html' || path === '/told') return response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    return answers[path]?.(response)
  })
  const host = await listening(server)
  result = await runSlice({
    scenario: scenario(host),
    host,
    options: { users: 1, runTimeMs: 60_000 },
    during: async ({ stop }) => {
      while (!target.isRead || target.brief < 1) await new Promise((go) => setTimeout(go, 20))
      await stop()
    },
  })
}, 60_000)
afterAll(() => ended(server))

const told = (): string[] =>
  [...result.window.checks.keys()]
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => name.replace(/^\d+ /, ''))
const row = (name: string): { requests: number; bytesIn: number; p50: number | null } => {
  const found = [...result.window.requests.values()].find((one) => one.name === name)
  return { requests: found?.requests ?? 0, bytesIn: found?.bytesIn ?? 0, p50: found?.latency.percentileMs(50) ?? null }
}

describe('a stream of events', () => {
  test('a stream delivers each event as it arrives, until the stream ends or the scenario leaves the loop', () => {
    const all = '[["message","one",""],["price","{\\"a\\":1}\\n2","7"],["message","ä",""]]'
    const tick = '["message","tick",""]'
    expect(told().slice(0, 4)).toEqual([
      `events: ${all}`,
      `left: [${tick},${tick},${tick}]`,
      'posted: [["message","hello",""]]',
      `redirected: ${all}`,
    ])
    expect(closed).toEqual(['/endless', '/endless'])
  })

  test('an event stream fails and ends the task if its response has an error status, is cut off, has another type or stops sending', () => {
    expect(told().slice(4, 9)).toEqual([
      'cut: TaskEnd the target closed the connection before the body was complete',
      'failed: TaskEnd HTTP 404',
      'html: TaskEnd the response is not an event stream: its content-type is text/html',
      'large event: TaskEnd an event is larger than 1 MiB',
      'silent: TaskEnd no data on the stream within 300 ms',
    ])
  })

  test('an event stream is opened again with the id of the last whole event until the target answers 204', () => {
    expect(told()[14]).toBe('again: [["message","a","1 ä"],["message","b",""]]')
    expect(lastIds).toEqual([undefined, '1 ä', '2', undefined])
    expect(result.window.requests.get('GET /again')).toMatchObject({ requests: 4, failures: 1 })
    const reconnects = result.window.metrics.get('SSE /again: reconnect')
    expect(reconnects).toMatchObject({ count: 3, failures: 1 })
    expect(reconnects?.duration.percentileMs(0)).toBeGreaterThan(29)
    expect(told()[15]).toBe('not a boolean: TypeError reconnect is "no"; it must be true or false')
  })

  test('a stream ends and is counted as a request when its user is asked to stop, even if the user is waiting to open the stream again', () => {
    expect(row('until the end').requests).toBe(2)
    expect([...result.window.exceptions.values()]).toEqual([])
    expect(result.last.totals.interrupted).toBe(0)
  })

  test('the times to the first event and between events are recorded, and the latency of a stream ends with its first byte', () => {
    const longest = (what: string): number => {
      const cell = [...result.window.metrics.values()].find(({ method, name }) => method === 'SSE' && name === what)
      return cell?.duration.percentileMs(100) ?? Number.NaN
    }
    // The scenario sees the first event only after burst has recorded the time of this event. Histograms are accurate to 1 %, and timers to 1 ms.
    const seenMs = (target.firstMs[0] ?? Number.NaN) * 1.01 + 1
    expect(longest('/events: first event')).toBeLessThan(seenMs)
    expect(longest('/events: between events')).toBeGreaterThan(gapMs * 0.99 - 1)
    expect(row('/events').p50).toBeLessThan(seenMs)
    expect(row('/events').bytesIn).toBe(Buffer.byteLength(events))
  })
})

describe('a streamed response', () => {
  test('a streamed response returns all bytes, and fails if the target cuts the response off', () => {
    expect(told().slice(9, 12)).toEqual([
      `chunks: ${large}`,
      expect.stringMatching(/^left early: \d+$/),
      'cut chunks: TaskEnd the target closed the connection before the body was complete',
    ])
    expect(row('/large')).toMatchObject({ requests: 1, bytesIn: large })
    expect(row('left early').requests).toBe(1)
  })

  test('burst reads a streamed response only as fast as the scenario, and a slow scenario does not cause a timeout', () => {
    expect(told()[12]).toBe(`slow reader: ${flood}`)
    expect(target.heldBack).toBeGreaterThan(flood / 4)
  })

  test('an invalid option of a streamed response throws an error that says what is wrong', () => {
    expect(told()[13]).toMatch(/^wrong: TypeError a request has no option 'retries'/)
  })
})
