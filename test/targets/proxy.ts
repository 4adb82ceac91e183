import { type IncomingMessage, createServer, request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { ended, listening } from './server.ts'

export interface ProxyTarget {
  origin: string
  /** `METHOD target authorization` of each request. */
  received: string[]
  close: () => Promise<void>
}

/**
 * The answers that refuse a CONNECT request. The first part of the host name selects the answer. '' means that the proxy ends the connection without
 * a final answer.
 */
const refusals: Record<string, string> = {
  forbidden: 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n',
  locked: 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n',
  gone: '',
}

/**
 * Starts an HTTP proxy that resolves every host name to this machine. `interim`: the interim responses that come before each answer to CONNECT.
 */
export async function startProxy(host?: string, { interim = '' } = {}): Promise<ProxyTarget> {
  const received: string[] = []
  const sockets = new Set<Socket>()
  const note = ({ method, url, headers }: IncomingMessage): void => {
    received.push(`${method} ${url} ${headers['proxy-authorization'] ?? '-'}`)
  }
  const server = createServer((asked, answer) => {
    note(asked)
    const { port, pathname, search } = new URL(asked.url ?? '')
    const { method, headers } = asked
    const onward = request({ port, host: '127.0.0.1', path: pathname + search, method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    asked.pipe(onward)
  })
  server.on('connect', (asked: IncomingMessage, socket: Socket) => {
    note(asked)
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    const refusal = refusals[asked.url?.split('.')[0] ?? '']
    if (refusal !== undefined) {
      socket.end(interim + refusal)
      return
    }
    const onward = connect(Number(asked.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write(`${interim}HTTP/1.1 200 Connection established\r\n\r\n`)
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward)
    onward.on('error', () => socket.destroy())
  })
  const origin = await listening(server, host)
  return {
    origin,
    received,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return ended(server)
    },
  }
}
