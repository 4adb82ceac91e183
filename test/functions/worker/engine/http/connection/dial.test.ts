import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { Dial, type Dialled } from '../../../../../../functions/worker/engine/http/connection/dial.ts'

const clean: (() => unknown)[] = []
afterEach(async () => {
  for (const one of clean.splice(0).toReversed()) await one()
})

/** Listens on an address; port 0 chooses a free port. */
async function listen(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume())
  server.listen(port, host)
  await once(server, 'listening')
  clean.push(() => server.close())
  return { server, port: (server.address() as { port: number }).port }
}

/** Makes an address that does not answer, by filling the connection queue of a stopped program. */
async function listenDeaf(host: string): Promise<number> {
  return (await listenStopped(host)).port
}

/** Makes an address that does not answer until `resume` is called. Fills the connection queue of a stopped program for this purpose. */
async function listenStopped(host: string, at = 0): Promise<{ port: number; resume: () => void }> {
  const program = `require('net').createServer().listen({host:'${host}',port:${at},backlog:1},function(){console.log(this.address().port)})`
  const child: ChildProcess = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  clean.push(() => child.kill('SIGKILL'))
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  child.kill('SIGSTOP')
  const port = Number(text.toString())
  // A repeated first packet shows that the queue has not accepted the connection.
  for (let full = false; !full;) {
    const socket = connect(port, host).on('error', () => undefined)
    clean.push(() => socket.destroy())
    full = await Promise.race([once(socket, 'connect').then(() => false), repeated(host, port).then(() => true)])
  }
  return { port, resume: () => void child.kill('SIGCONT') }
}

/** Resolves when the kernel has repeated the first packet of a connection to this IPv4 address and port. */
async function repeated(host: string, port: number): Promise<void> {
  if (process.platform !== 'linux') return sleep(1_500)
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')
  const address = host
    .split('.')
    .toReversed()
    .map((byte) => hex(Number(byte), 2))
    .join('')
  const [sent, place] = ['02', `${address}:${hex(port, 4)}`]
  for (;;) {
    const rows = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
    const waiting = rows.filter(([, , remote, state]) => state === sent && remote === place)
    if (waiting.some((row) => Number.parseInt(row[6] ?? '', 16) > 0)) return
    await sleep(50)
  }
}

function roomFor(places: number) {
  const room = {
    free: places,
    asked: 0,
    take: () => (room.asked++, room.free > 0 && room.free-- > 0),
    giveBack: () => void room.free++,
  }
  return room
}

interface Outcome {
  error: (Error & { code?: string }) | null
  dialled: Dialled | null
  opened: Socket[]
}

async function dial(addresses: string[], port: number, attemptDelayMs: number, further = roomFor(9)): Promise<Outcome> {
  const opened: Socket[] = []
  const input = {
    addresses: addresses.map((address) => ({ address, family: 4 })),
    port,
    attemptDelayMs,
    opened: (socket: Socket) => void opened.push(socket),
    further,
  }
  return new Promise((resolve) => new Dial(input, (error, dialled) => resolve({ error, dialled, opened })))
}

test('when an address refuses the connection, the next address is tried immediately', async () => {
  const { port } = await listen('127.0.0.2')
  const { dialled, opened } = await dial(['127.0.0.1', '127.0.0.2'], port, 60_000)
  expect(dialled).toMatchObject({ address: '127.0.0.2', lame: ['127.0.0.1'] })
  dialled?.socket.destroy()
  expect(opened).toHaveLength(2)
})

test('when an address does not answer, the next address is tried in parallel, and the slower connection is closed', async () => {
  const port = await listenDeaf('127.0.0.1')
  await listen('127.0.0.2', port)
  const { dialled, opened } = await dial(['127.0.0.1', '127.0.0.2'], port, 100)
  expect(dialled).toMatchObject({ address: '127.0.0.2', lame: ['127.0.0.1'] })
  dialled?.socket.destroy()
  expect(opened.every((socket) => socket.destroyed)).toBe(true)
})

test('another address is tried only if the limit allows one more socket, and a closed socket no longer counts towards the limit', async () => {
  const port = await listenDeaf('127.0.0.1')
  await listen('127.0.0.2', port)
  const full = roomFor(0)
  const pending = dial(['127.0.0.1', '127.0.0.2'], port, 20, full)
  await expect.poll(() => full.asked, { timeout: 20_000 }).toBeGreaterThan(2)
  full.free = 1
  const { dialled, opened } = await pending
  expect(dialled?.address).toBe('127.0.0.2')
  expect([opened.length, full.free]).toEqual([2, 1])
  dialled?.socket.destroy()
})

test('a connection succeeds even if its address needs much more time than the delay between attempts', async () => {
  const first = await listenStopped('127.0.0.1')
  const second = await listenStopped('127.0.0.2', first.port)
  const [one, both] = [dial(['127.0.0.1'], first.port, 20), dial(['127.0.0.1', '127.0.0.2'], first.port, 20)]
  await sleep(600)
  first.resume()
  second.resume()
  const [alone, together] = await Promise.all([one, both])
  expect(alone).toMatchObject({ error: null, dialled: { address: '127.0.0.1', lame: [] } })
  expect(together.error).toBeNull()
  expect([alone.opened.length, together.opened.length]).toEqual([1, 2])
  expect(alone.dialled?.tookMs).toBeGreaterThan(500)
  for (const { dialled } of [alone, together]) dialled?.socket.destroy()
})

test('when no connection succeeds, the most useful of the errors is returned', async () => {
  const { server, port } = await listen('127.0.0.1')
  server.close()
  // No machine can connect to the broadcast address.
  const { error, dialled } = await dial(['127.0.0.1', '255.255.255.255'], port, 60_000)
  expect(dialled).toBeNull()
  expect(error?.code).toBe('ECONNREFUSED')
})

test('pending connections are closed when the dial is aborted, and no callback is called', async () => {
  const port = await listenDeaf('127.0.0.1')
  const opened: Socket[] = []
  let told = 0
  const given = new Dial(
    {
      addresses: [{ address: '127.0.0.1', family: 4 }],
      port,
      attemptDelayMs: 100,
      opened: (one) => opened.push(one),
      further: roomFor(0),
    },
    () => told++,
  )
  given.abort()
  await once(opened[0] as Socket, 'close')
  expect(told).toBe(0)
})
