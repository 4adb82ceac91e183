import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { ended, listening } from './server.ts'

/**
 * An event at the target, such as the opening of a stream. Each event belongs to one request. `user` is the value of the header `x-user` of this
 * request.
 */
interface FeedEvent {
  user: string
  /** `login`, `events open`, `events closed`, `body open`, `body sent`, `body cut`, `chat open`, `chat closed CODE`, `logout` … */
  what: string
  /** The time in milliseconds, from `performance.now()` of the target. */
  atMs: number
  /** The id of the process that sent the request, from the header `x-pid`. */
  pid: number
  cookie: string
}

/**
 * Serves streams: `/events` (endless server-sent events), `/body` (a body that takes 1.5 s) and the WebSocket `/chat`, which sends messages
 * endlessly. Gives each user a cookie at `/login`.
 */
export interface FeedTarget {
  origin: string
  log: FeedEvent[]
  close(): Promise<void>
}

const tickMs = 50
const bodyMs = 1_500

export async function startFeedTarget(): Promise<FeedTarget> {
  const log: FeedEvent[] = []
  const sockets = new Set<Duplex>()
  const note = ({ headers }: IncomingMessage, what: string): void => {
    const [user, pid] = [String(headers['x-user'] ?? ''), Number(headers['x-pid'] ?? 0)]
    log.push({ user, what, pid, cookie: headers.cookie ?? '', atMs: performance.now() })
  }
  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1)
    request.resume()
    if (path === 'events') return sendEvents(request, response, note)
    if (path === 'body') return sendBody(request, response, note)
    note(request, path)
    if (path === 'login') response.setHeader('set-cookie', `sid=${String(request.headers['x-user'])}`)
    return response.end()
  })
  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    wss.handleUpgrade(request, socket, head, (chat) => {
      note(request, 'chat open')
      const timer = setInterval(() => chat.send('tick'), tickMs)
      chat.on('error', () => undefined)
      chat.on('close', (code) => {
        clearInterval(timer)
        note(request, `chat closed ${code}`)
      })
    })
  })
  const origin = await listening(server)
  return {
    origin,
    log,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      wss.close()
      await ended(server)
    },
  }
}

type Note = (request: IncomingMessage, what: string) => void

function sendEvents(request: IncomingMessage, response: ServerResponse, note: Note): void {
  note(request, 'events open')
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const timer = setInterval(() => response.write('data: tick\n\n'), tickMs)
  response.on('close', () => {
    clearInterval(timer)
    note(request, 'events closed')
  })
}

function sendBody(request: IncomingMessage, response: ServerResponse, note: Note): void {
  note(request, 'body open')
  const timer = setInterval(() => response.write('x'.repeat(100)), tickMs)
  const end = setTimeout(() => response.end(), bodyMs)
  response.on('close', () => {
    clearInterval(timer)
    clearTimeout(end)
    note(request, response.writableFinished ? 'body sent' : 'body cut')
  })
}

/**
 * Returns a scenario with users that read the streams of a feed target: each `reader` reads the events, each `member` reads the chat, and each
 * `loader` reads the bodies.
 */
export function readersOf(host: string, load: string): string {
  return `
import { HttpUser, type WebSocketConnection, constant, hold, ramp, scenario } from 'burst'
class Named extends HttpUser {
  static count = 1
  wait = constant('100ms')
  tasks = { read: 1 }
  begin() {
    this.http.headers.set('x-user', this.constructor.name.toLowerCase())
    this.http.headers.set('x-pid', String(process.pid))
  }
  async onStart() { this.begin(); await this.http.post('/login') }
  async read() {}
  async onStop() { this.begin(); await this.http.post('/logout') }
}
class Reader extends Named {
  async read() { this.begin(); for await (const _ of this.http.sse('/events')); }
}
class Member extends Named {
  chat!: WebSocketConnection
  async onStart() { await super.onStart(); this.chat = await this.ws('/chat') }
  async read() { for await (const _ of this.chat); }
}
class Loader extends Named {
  async read() { this.begin(); for await (const _ of this.http.stream('/body')); }
}
export default scenario({ host: '${host}', users: [Reader, Member, Loader], load: ${load} })`
}
