import {
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type SecureServerOptions,
  createSecureServer,
  createServer,
} from 'node:http2'
import { type IncomingMessage, type ServerResponse, request as requestHttp1 } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { TLSSocket } from 'node:tls'
import { listening } from './server.ts'
import { type Front, tlsFixture } from './tls-target.ts'

/** One request that the target has received. */
interface ReceivedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** The name in the client certificate; undefined if the client has not sent a certificate. */
  client: string | undefined
  /** The number of the connection that carried the request, starting with 1. */
  connection: number
  /** The time of arrival, `performance.timeOrigin + performance.now()`, in milliseconds. */
  atMs: number
  /** The error code with which the client reset the stream; undefined if the client has not reset the stream. */
  aborted?: number
}

/** The argument of a function that answers a request. */
interface Exchange2 {
  stream: ServerHttp2Stream
  session: ServerHttp2Session
  request: ReceivedRequest
  /** The number of requests for this path with this query so far, including the current request. */
  turn: number
}

export type Answer2 = (exchange: Exchange2) => void

export interface Http2Target {
  origin: string
  received: ReceivedRequest[]
  /** Returns the number of connections that clients have opened. */
  connections: () => number
  /** The greatest number of streams that were open on one connection at the same time. */
  mostStreams: () => number
  /** The requests that arrived over HTTP/1.1. */
  http1: string[]
  sessions: Set<ServerHttp2Session>
  close: () => Promise<void>
}

export interface Http2TargetOptions {
  answers?: Record<string, Answer2>
  /** `true` if the target does not use TLS. */
  plain?: boolean
  settings?: SecureServerOptions['settings']
  /** `true` if the target also speaks HTTP/1.1. */
  allowHTTP1?: boolean
  /** The authority (PEM) that must have issued the clients' certificates. Default: clients need no certificate. */
  ca?: string
}

/** Answers with the status 200 when the body of the request has arrived. */
export const ok: Answer2 = ({ stream }) => {
  stream.on('end', () => {
    if (stream.destroyed) return
    stream.respond({ ':status': 200 })
    stream.end('ok')
  })
}

/**
 * Starts a target that uses node:http2 and records what it receives. Unless `plain` is set, clients must trust the certificate authority of the
 * tests.
 */
export async function startHttp2Target(options: Http2TargetOptions = {}): Promise<Http2Target> {
  const { answers, plain, ...rest } = { answers: {}, plain: false, ...options }
  const log = new Log()
  const keys = { key: tlsFixture('server.key'), cert: tlsFixture('server.pem') }
  const server: Http2Server | Http2SecureServer = plain
    ? createServer(rest)
    : createSecureServer({ ...keys, ...rest, requestCert: rest.ca !== undefined })
  const sockets = new Set<Socket>()
  server.on(plain ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('session', (session: ServerHttp2Session) => log.session(session))
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    log.stream(stream, headers, answerTo(headers, answers))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor === 2) return
    log.http1.push(`${request.method} ${request.url}`)
    request.resume().on('end', () => response.end('ok'))
  })
  server.on('sessionError', () => undefined)
  const { port } = new URL(await listening(server))
  return {
    origin: plain ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    received: log.received,
    http1: log.http1,
    sessions: log.sessions,
    connections: () => log.connections,
    mostStreams: () => log.mostStreams,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of log.sessions) session.destroy()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Starts a TLS server that speaks only HTTP/2. It forwards each request to `origin`, a server on this machine that speaks HTTP/1.1. */
export async function startHttp2Front(origin: string): Promise<Front> {
  const sessions = new Set<ServerHttp2Session>()
  const front = createSecureServer(
    { key: tlsFixture('server.key'), cert: tlsFixture('server.pem') },
    ({ method, url, headers, stream }, answer) => {
      const plain = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
      const onward = requestHttp1(origin + url, { method, headers: Object.fromEntries(plain) }, (response) => {
        const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...rest } = response.headers
        answer.writeHead(response.statusCode ?? 502, rest)
        response.pipe(answer)
      })
      stream.pipe(onward)
    },
  )
  front.on('session', (session: ServerHttp2Session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  const { port } = new URL(await listening(front))
  return {
    origin: `https://localhost:${port}`,
    clients: [],
    resumed: [],
    close: async () => {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()))
      for (const session of sessions) session.destroy()
      await closed
    },
  }
}

function answerTo({ ':path': path = '' }: IncomingHttpHeaders, answers: Record<string, Answer2>): Answer2 {
  return answers[path.replace(/\?.*$/, '')] ?? answers['*'] ?? ok
}

function clientOf({ socket }: ServerHttp2Session): string | undefined {
  return (socket as Partial<TLSSocket>).getPeerCertificate?.().subject?.CN?.toString()
}

class Log {
  readonly received: ReceivedRequest[] = []
  readonly http1: string[] = []
  readonly sessions = new Set<ServerHttp2Session>()
  connections = 0
  mostStreams = 0
  readonly #numbers = new Map<ServerHttp2Session, number>()
  readonly #open = new Map<ServerHttp2Session, number>()
  readonly #turns = new Map<string, number>()

  session(session: ServerHttp2Session): void {
    this.sessions.add(session)
    this.#numbers.set(session, ++this.connections)
    session.on('error', () => undefined)
    session.on('close', () => this.sessions.delete(session))
  }

  stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, answer: Answer2): void {
    const session = stream.session as ServerHttp2Session
    const request: ReceivedRequest = {
      method: headers[':method'] ?? '',
      path: headers[':path'] ?? '',
      headers,
      body: Buffer.alloc(0),
      client: clientOf(session),
      connection: this.#numbers.get(session) ?? 0,
      atMs: performance.timeOrigin + performance.now(),
    }
    this.received.push(request)
    const turn = (this.#turns.get(request.path) ?? 0) + 1
    this.#turns.set(request.path, turn)
    this.#count(session, 1)
    stream.on('error', () => undefined)
    stream.on('aborted', () => (request.aborted = stream.rstCode))
    stream.on('close', () => this.#count(session, -1))
    stream.on('data', (chunk: Buffer) => (request.body = Buffer.concat([request.body, chunk])))
    answer({ stream, session, request, turn })
  }

  #count(session: ServerHttp2Session, by: 1 | -1): void {
    const open = (this.#open.get(session) ?? 0) + by
    this.#open.set(session, open)
    this.mostStreams = Math.max(this.mostStreams, open)
  }
}
