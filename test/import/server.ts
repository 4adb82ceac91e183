import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { ended, listening } from '../targets/server.ts'

/** A service that answers every request of the imported scenarios. */
export interface AnyService {
  origin: string
  /** `METHOD /path` of each request, in the order of arrival; `WS /path` of each WebSocket connection. */
  received: string[]
  close(): Promise<void>
}

const item = { id: 7, name: 'hat', url: '/entry/7', tag: 'new' }
const answer = {
  ...item,
  token: 't0k',
  access_token: 'a0k',
  csrf: 'c5f',
  greeting: 'hello',
  status: 'done',
  data: { ...item, cart: item },
}
const lists = { flights: [item], messages: [item], entries: [item], items: [item] }
const page =
  '<form method="post" action="/login"><input name="csrf_token" value="abc"><input name="user"></form><a href="/p/1">Add to cart</a>'

export async function startAnyService(): Promise<AnyService> {
  const received: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    received.push(`${request.method} ${path}`)
    request.resume()
    const isPage = request.method === 'GET' && ['/login', '/form', '/catalogue'].includes(path)
    const isList = ['/items', '/orders'].includes(path)
    response.writeHead(statusOf(request.method, path), { 'content-type': isPage ? 'text/html' : 'application/json' })
    response.end(isPage ? page : JSON.stringify(isList ? [item] : { ...answer, ...lists }))
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    received.push(`WS ${(request.url ?? '/').split('?')[0]}`)
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.on('message', (data: Buffer) => connection.send(data.toString() === 'next' ? 'done' : data.toString()))
    })
  })
  const origin = await listening(server)
  return { origin, received, close: () => ended(server) }
}

function statusOf(method: string | undefined, path: string): number {
  if (path.startsWith('/does_not_exist')) return 404
  return method === 'POST' && ['/cart', '/session'].includes(path) ? 201 : 200
}
