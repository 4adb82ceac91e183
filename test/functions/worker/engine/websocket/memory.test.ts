import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startRawTarget } from '../../../../targets/raw/raw-target.ts'
import { type WebSocketTarget, startWebSocketTarget } from '../../../../targets/web-socket-target.ts'
import { runClasses } from '../../class-run.ts'

let target: WebSocketTarget
beforeEach(async () => {
  target = await startWebSocketTarget()
})
afterEach(() => target.close())

test('unread messages are dropped with a notice when the unread messages of all connections together exceed 128 MiB', async () => {
  const { window } = await runClasses(
    target as never,
    `class U extends HttpUser {
  @task async go() {
    const large = new Uint8Array(4 * 1024 * 1024 - 100)
    for (let n = 0; n < 38; n++) await (await this.ws('/chat')).send(large)
    await this.sleep('10m')
  }
}`,
    {
      options: { iterations: undefined as never, runTimeMs: 600_000 },
      during: async ({ stop, counted }) => {
        const received = (): number | undefined => counted().metrics.get('WS /chat received')?.count
        await expect.poll(received, { timeout: 120_000, interval: 500 }).toBe(38)
        await stop()
      },
    },
  )
  expect([...window.notices.keys()]).toContain(
    'unread messages of /chat were dropped: all connections of a worker together keep at most 128 MiB of messages',
  )
  expect([...window.exceptions.keys()]).toEqual([])
}, 180_000)

test('send throws when more than 128 MiB in total is waiting to be sent on all connections, and succeeds again when these connections have ended', async () => {
  const { window } = await runClasses(
    target as never,
    `class U extends HttpUser {
  @task async go() {
    const large = new Uint8Array(16 * 1024 * 1024)
    const told = new Set<string>()
    const tell = (error: Error) => void told.add(error.name + ': ' + error.message.replace(/:.*/, ''))
    const chats = []
    for (let n = 0; n < 12; n++) chats.push(await this.ws('/deaf'))
    for (const chat of chats) await chat.send('deaf 3000')
    await Promise.all(chats.map((chat) => chat.send(large).catch(tell)))
    const chat = await this.ws('/chat')
    void chat.send('well')
    await chat.expect('echo well', { name: 'well' })
    for (const name of told) this.record({ method: 'told', name, ms: 0 })
  }
}`,
  )
  expect([...window.metrics.keys()].filter((key) => key.startsWith('told ')).toSorted()).toEqual([
    'told Error: more than 128 MiB in total is waiting to be sent on all connections of the worker',
    'told TaskEnd: the message was not sent',
  ])
  expect([...window.exceptions.keys()]).toEqual([])
  expect(window.requests.get('WS well')).toMatchObject({ requests: 1, failures: 0 })
}, 120_000)

test('if the partly received messages of all connections exceed 128 MiB in total, some connections are closed and counted as failures of the generator', async () => {
  // The header of a message of 4 MiB, and all bytes of this message except the last byte.
  const part = Buffer.alloc(10 + 4 * 1024 * 1024 - 1)
  part.set([0x82, 127, 0, 0, 0, 0, 0, 0x40, 0, 0])
  const slow = await startRawTarget({
    '*': ({ lines }, socket) => {
      const key = lines.find((line) => /^sec-websocket-key:/i.test(line))?.split(': ')[1] ?? ''
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.write(part)
    },
  })
  const { window } = await runClasses(
    { ...slow, counts: () => ({ received: slow.received.length }) } as never,
    `class U extends HttpUser {
  @task async go() {
    const chats = []
    for (let n = 0; n < 36; n++) chats.push(await this.ws('/chat'))
    const open = () => chats.filter((chat) => chat.open).length
    while (open() > 31) await this.sleep('20ms')
    this.record({ method: 'told', name: String(open()), ms: 0 })
    for (const chat of chats) if (chat.open) void chat.close()
  }
}`,
    { options: { runTimeMs: 120_000 } },
  )
  await slow.close()
  expect([...window.exceptions.keys()]).toEqual([])
  expect([...window.metrics.keys()]).toContain('told 31')
  expect(window.metrics.get('WS /chat closed 1009')?.count).toBe(5)
  expect(window.requests.get('WS /chat lost')).toMatchObject({ requests: 5, failures: 5 })
  expect([...window.errors.values()]).toMatchObject([
    {
      kind: 'generator',
      message: 'closed with 1009: the incomplete messages on all connections of the worker together exceed 128 MiB',
      count: 5,
    },
  ])
}, 180_000)
