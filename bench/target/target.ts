import { type Socket, createServer } from 'node:net'
import { serveParent } from '../../test/targets/child.ts'
import { ended, listening } from '../../test/targets/server.ts'

const ok = answer('text/plain', 'hello world')
const first = answer('text/plain', 'hello world', 'set-cookie: session=4f1c9d20b7; path=/\r\n')
const json = answer('application/json', JSON.stringify({ items: itemsOf(1_000) }))

function answer(type: string, body: string, more = ''): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Returns a list of items. Its JSON has about `bytes` bytes. */
function itemsOf(bytes: number): object[] {
  const item = (id: number): object => ({ id, name: `item ${id}`, price: id * 1.25, inStock: id % 3 > 0 })
  return Array.from({ length: Math.round(bytes / 54) }, (_, id) => item(id + 100))
}

/** The warm-up of a generator, in milliseconds. During the warm-up, a just-in-time compiler compiles most of the code of the generator. */
export const warmUpMs = 2_000

/** The requests since the last call of `received`. All times are in epoch milliseconds. */
export interface Received {
  requests: number
  firstAtMs: number
  lastAtMs: number
  /** The requests that came more than `warmUpMs` after the first request. */
  laterRequests: number
}

interface Target {
  origin: string
  received(): Received
  close(): Promise<void>
}

/**
 * Starts a server that responds immediately, and uses as little CPU time as possible. The response to `/json` is 1 KB of JSON. All other responses
 * have 11 bytes. The first response of a connection sets a cookie. Accepts GET requests without a body, one at a time per connection.
 */
async function startTarget(): Promise<Target> {
  const none: Received = { requests: 0, firstAtMs: 0, lastAtMs: 0, laterRequests: 0 }
  let seen = { ...none }
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A client may close its connection when it has finished, so a broken connection is not a fault.
    socket.on('error', () => socket.destroy())
    answerAll(socket, () => {
      seen.lastAtMs = performance.timeOrigin + performance.now()
      if (seen.requests++ === 0) seen.firstAtMs = seen.lastAtMs
      if (seen.lastAtMs > seen.firstAtMs + warmUpMs) seen.laterRequests++
    })
  })
  const origin = await listening(server)
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return ended(server)
  }
  const received = (): Received => {
    const until = seen
    seen = { ...none }
    return until
  }
  return { origin, received, close }
}

function answerAll(socket: Socket, count: () => void): void {
  let [isFirst, begun] = [true, '']
  socket.on('data', (chunk: Buffer) => {
    begun += chunk.toString('latin1')
    if (!begun.endsWith('\r\n\r\n')) return
    count()
    const isJson = begun.startsWith('GET /json')
    begun = ''
    socket.write(isJson ? json : isFirst ? first : ok)
    isFirst = false
  })
}

if (import.meta.main) await serveParent(startTarget)
