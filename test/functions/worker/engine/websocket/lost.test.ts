import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocketTarget, startWebSocketTarget } from '../../../../targets/web-socket-target.ts'
import { startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { runClasses } from '../../class-run.ts'

let target: WebSocketTarget
beforeEach(async () => {
  target = await startWebSocketTarget()
})
afterEach(() => target.close())

const run = (classes: string): ReturnType<typeof runClasses> => runClasses(target as never, classes)

test('if a connection is lost, its unsent messages do not count as sent, and a task no longer waits for them to be sent', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    const chat = await this.ws('/deaf')
    await chat.send('deaf 300')
    const large = new Uint8Array(4 * 1024 * 1024)
    // Sends until the next call is refused because too many bytes are waiting.
    const told = new Set<string>()
    const sends = Array.from({ length: 40 }, () => chat.send(large).catch((error) => told.add(error.name + ': ' + error.message)))
    await Promise.all(sends)
    await chat.expect().catch(() => undefined)
    for (const name of told) this.record({ method: 'told', name, ms: 0 })
  }
}`)
  expect([...window.exceptions.keys()]).toEqual([])
  expect([...window.metrics.keys()]).toContainEqual(expect.stringMatching(/^told TaskEnd: the message was not sent: /))
  const { count = 0, failures = 0 } = window.metrics.get('WS /deaf sent') ?? {}
  expect(failures).toBeGreaterThan(2)
  expect(window.requests.get('WS /deaf')?.bytesOut).toBe(8 + (count - failures - 1) * 4 * 1024 * 1024)
  expect(window.requests.get('WS /deaf lost')).toMatchObject({ requests: 1, failures: 1 })
})

test('a connection stays open when the target sends 5,000 pings at once, and the last ping is answered', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    const chat = await this.ws('/chat')
    for (const pings of [3, 5_000]) {
      void chat.send('ping ' + pings)
      await chat.expect('pinged')
    }
    void chat.send('hello')
    await chat.expect('echo hello')
    await chat.close()
  }
}`)
  expect([...window.errors.keys()]).toEqual([])
  expect(window.requests.get('WS /chat message')).toMatchObject({ requests: 3, failures: 0 })
  const { pongs } = target.counts()
  expect(pongs.slice(0, 3)).toEqual(['0', '1', '2'])
  expect(pongs.at(-1)).toBe('4999')
})

test('a message of more than 4 MiB, or of more than 16,384 fragments, is counted as a failure of the kind `generator`', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    const large = await this.ws('/large')
    void large.send(new Uint8Array(4 * 1024 * 1024 + 1))
    await large.expect().catch(() => undefined)
    const divided = await this.ws('/divided')
    void divided.send('fragments 16384')
    await divided.expect('x'.repeat(16384), { name: 'divided' })
    void divided.send('fragments 16385')
    await divided.expect().catch(() => undefined)
  }
}`)
  expect(window.requests.get('WS divided')).toMatchObject({ requests: 1, failures: 0 })
  expect([...window.errors.keys()].filter((key) => key.includes('lost')).toSorted()).toEqual([
    'WS /divided lost\tgenerator\tclosed with 1006: a message has more than 16,384 fragments, the maximum that burst accepts',
    'WS /large lost\tgenerator\tclosed with 1006: a message is larger than 4 MiB, the maximum that burst accepts',
  ])
})

test('a refused connection is a failure with the status of the response, even if the body of the response does not end', async () => {
  const unending = await startRawTarget({
    '/forbidden': (_, socket) => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 400\r\n\r\nno'),
    '/moved': (_, socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n'),
  })
  const { window } = await runClasses(
    { ...unending, counts: () => ({ received: unending.received.length }) } as never,
    `class U extends HttpUser {
  @task async go() {
    for (const path of ['/forbidden', '/moved']) await this.ws(path, { timeout: '10s' }).catch(() => undefined)
  }
}`,
  )
  await unending.close()
  expect([...window.errors.keys()].toSorted()).toEqual([
    'WS /forbidden\tstatus\tHTTP 403',
    'WS /moved\tprotocol\texpected a switch to WebSocket (101), got 302',
  ])
})

test('all close codes from 3000 to 3999 are counted under one name, and all close codes from 4000 to 4999 under another name', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    for (const code of [4001, 4002, 3001, 1011]) {
      const chat = await this.ws('/chat')
      void chat.send('close ' + code)
      await chat.expect().catch(() => undefined)
    }
  }
}`)
  expect([...window.metrics.keys()].filter((key) => key.includes('closed')).toSorted()).toEqual([
    'WS /chat closed 1011',
    'WS /chat closed 3xxx',
    'WS /chat closed 4xxx',
  ])
  expect(window.metrics.get('WS /chat closed 4xxx')?.count).toBe(2)
})

test('a close frame or an invalid frame from the target ends a connection, even if the target keeps the TCP connection open', async () => {
  const frames: Record<string, number[]> = {
    '/1000': [0x88, 2, 0x03, 0xe8],
    '/1011': [0x88, 2, 0x03, 0xf3],
    '/empty': [0x88, 0],
    '/masked': [0x81, 0x81, 1, 2, 3, 4, 5],
    '/reserved': [0xf1, 1, 65],
    '/latin': [0x81, 1, 0xff],
    '/huge': [0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255],
    '/mine': [0x81, 1, 65],
  }
  const rude = await startRawTarget({
    '*': ({ path, lines }, socket) => {
      const key = lines.find((line) => /^sec-websocket-key:/i.test(line))?.split(': ')[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const head = `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from(frames[path] ?? [])]))
      // The first bytes that the scenario sends are a close frame. The target confirms this close.
      if (path === '/mine') socket.prependOnceListener('data', () => socket.write(Buffer.from([0x88, 2, 0x03, 0xe8])))
    },
  })
  const { window } = await runClasses(
    { ...rude, counts: () => ({ received: rude.received.length }) } as never,
    `class U extends HttpUser {
  @task async go() {
    for (const path of ${JSON.stringify(Object.keys(frames))}) {
      const begun = performance.now()
      const chat = await this.ws(path)
      if (path === '/mine') await chat.close()
      const told = await chat.expect('never').catch((error) => error.message)
      const sent = await chat.send('x').catch((error) => error.message)
      this.record({ method: 'told', name: path + ' ' + told + ' | ' + sent, ms: performance.now() - begun })
    }
  }
}`,
  )
  await rude.close()
  expect([...window.exceptions.keys()]).toEqual([])
  const told = [...window.metrics].filter(([key]) => key.startsWith('told '))
  const closed = 'the connection is closed'
  const invalid = 'closed with 1006: invalid WebSocket'
  expect(told.map(([key]) => key.slice('told '.length))).toEqual([
    `/1000 ${closed}: closed by the target with 1000 | ${closed}: closed by the target with 1000`,
    `/1011 closed by the target with 1011: internal error | ${closed}: closed by the target with 1011: internal error`,
    `/empty ${closed}: closed by the target with 1005 | ${closed}: closed by the target with 1005`,
    expect.stringContaining(`/huge ${invalid}`),
    expect.stringContaining(`/latin ${invalid}`),
    expect.stringContaining(`/masked ${invalid}`),
    `/mine ${closed}: the scenario has closed the connection | ${closed}: the scenario has closed the connection`,
    expect.stringContaining(`/reserved ${invalid}`),
  ])
  for (const [, { duration }] of told) expect(duration.percentileMs(100)).toBeLessThan(5_000)
})

test('if a task ends because its connection is lost, burst does not report requests that the task did not await', async () => {
  const sockets: Socket[] = []
  const restarting = await startRawTarget({
    '*': ({ path, lines }, socket) => {
      sockets.push(socket)
      if (path === '/restart') {
        for (const one of sockets.splice(0)) one.resetAndDestroy()
        return
      }
      const key = lines.find((line) => /^sec-websocket-key:/i.test(line))?.split(': ')[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
    },
  })
  const { window } = await runClasses(
    { ...restarting, counts: () => ({ received: restarting.received.length }) } as never,
    `class U extends HttpUser {
  @task async go() {
    await Promise.all(Array.from({ length: 10 }, () => this.ws('/chat')))
    await this.http.post('/restart')
  }
}`,
    { options: { iterations: 20 } },
  )
  await restarting.close()
  expect(window.requests.get('WS /chat lost')).toMatchObject({ failures: 200 })
  expect([...window.notices.keys()]).toEqual([])
})
