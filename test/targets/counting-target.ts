import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveParent } from './child.ts'
import { ended, listening } from './server.ts'

export interface CountingOptions {
  /** The greatest delay of an answer, in milliseconds. Each answer is delayed by a random time from 0 to this delay. Default: 0. */
  jitterMs?: number
  /** `true` if the target keeps the requests of each user (header `x-user`), in the order of arrival. */
  record?: boolean
}

export interface Counts {
  /** The number of requests whose head arrived, including requests without an answer. */
  received: number
  /** The number of requests for each `METHOD /path`. The path does not contain the query. */
  byPath: Record<string, number>
  /** The number of answers that were completely written to the socket. */
  answered: number
  /** The number of requests on each connection. The oldest connection comes first. */
  perConnection: number[]
  connectionsOpen: number
  /** The greatest number of connections that were open at the same time. */
  connectionsPeak: number
}

export interface RecordedRequest {
  method: string
  /** The path with the query. */
  path: string
  /** SHA-256 of the body, hexadecimal. */
  body: string
}

export interface CountingTarget {
  origin: string
  counts(): Counts
  /** Returns the kept requests of each user. */
  records(): Record<string, RecordedRequest[]>
  close(): Promise<void>
}

interface State {
  counts: Counts
  connections: WeakMap<Socket, number>
  records: Record<string, RecordedRequest[]>
}

/**
 * Starts a target that counts all requests that it receives. An answer has the status 200 and a short JSON body. Three kinds of paths differ. For
 * example, the answer to `/status/404` has the status 404, the answer to `/delay/50` is sent 50 ms later, and the answer to `/bytes/1000` has a body
 * of 1,000 bytes.
 */
export async function startCountingTarget(options: CountingOptions = {}): Promise<CountingTarget> {
  const counts = { received: 0, byPath: {}, answered: 0, perConnection: [], connectionsOpen: 0, connectionsPeak: 0 }
  const state: State = { counts, connections: new WeakMap(), records: {} }
  const server = createServer((request, response) => void receive(state, options, request, response))
  server.keepAliveTimeout = 75_000
  server.on('connection', (socket) => arrive(state, socket))
  const origin = await listening(server)
  return {
    origin,
    counts: () => structuredClone(state.counts),
    records: () => structuredClone(state.records),
    close: () => ended(server),
  }
}

function arrive({ counts, connections }: State, socket: Socket): void {
  connections.set(socket, counts.perConnection.push(0) - 1)
  counts.connectionsOpen++
  counts.connectionsPeak = Math.max(counts.connectionsPeak, counts.connectionsOpen)
  socket.once('close', () => counts.connectionsOpen--)
}

async function receive(state: State, options: CountingOptions, request: IncomingMessage, response: ServerResponse) {
  const path = request.url ?? '/'
  const key = `${request.method} ${path.split('?')[0]}`
  const { counts } = state
  counts.received++
  counts.byPath[key] = (counts.byPath[key] ?? 0) + 1
  const connection = state.connections.get(request.socket) ?? 0
  counts.perConnection[connection] = (counts.perConnection[connection] ?? 0) + 1
  response.once('finish', () => counts.answered++)
  if (options.record) record(state, request, path)
  else request.resume()
  await answer(path, options, response)
}

function record({ records }: State, request: IncomingMessage, path: string): void {
  const entry: RecordedRequest = { method: request.method ?? '', path, body: '' }
  const user = String(request.headers['x-user'])
  const list = (records[user] ??= [])
  list.push(entry)
  const hash = createHash('sha256')
  request.on('data', (chunk: Buffer) => hash.update(chunk))
  request.on('end', () => (entry.body = hash.digest('hex')))
}

async function answer(path: string, { jitterMs = 0 }: CountingOptions, response: ServerResponse): Promise<void> {
  const [, word, value] = path.split(/[/?]/)
  const number = Number(value)
  const delay = Math.random() * jitterMs + (word === 'delay' ? number : 0)
  if (delay > 0) await sleep(delay)
  send(response, word === 'status' ? number : 200, word === 'bytes' ? Buffer.alloc(number, 'x') : okay)
}

const okay = Buffer.from('{"ok":true}')

function send(response: ServerResponse, status: number, body: Buffer): void {
  if (status === 204 || status === 304) response.writeHead(status).end()
  else {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(response.req.method === 'HEAD' ? undefined : body)
  }
}

if (import.meta.main) await serveParent(startCountingTarget)
