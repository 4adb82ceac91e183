import { type IncomingMessage, createServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { ended, listening } from './server.ts'

interface State {
  received: number
  messages: number
  bytes: number
  cookies: string[]
  closes: number[]
  pongs: string[]
}

export interface WebSocketTarget {
  origin: string
  /**
   * Returns the counts of the target. `received` is the number of requests, with and without an upgrade. `pongs` contains the data of each pong.
   */
  counts(): State & { open: number }
  close(): Promise<void>
}

/**
 * Starts a WebSocket target that counts what it receives. The target sends binary messages back unchanged. It answers a text `x` with `echo x`,
 * except if the text is one of the following commands. `close CODE REASON` closes the connection; `drop` ends the connection without a close frame.
 * `flood N` sends N messages; `later MS` sends one message after MS milliseconds. `ping N` sends N pings with different data, and then the message
 * `pinged`. `fragments N` sends a message in N fragments. `deaf MS` stops reading, and resets the connection after MS milliseconds. `mute` gets no
 * answer.
 *
 * The target refuses upgrades at three paths: `/declined` is answered with the status 403, `/plain` with the status 200, and `/never` is not
 * answered. A request without an upgrade is not answered either. 150 ms later, the target resets the connection of this request, and then the
 * connections of all requests with an upgrade.
 */
export async function startWebSocketTarget(host?: string): Promise<WebSocketTarget> {
  const state: State = { received: 0, messages: 0, bytes: 0, cookies: [], closes: [], pongs: [] }
  const sockets = new Set<Duplex>()
  const server = createServer(({ socket }) => {
    state.received++
    setTimeout(() => {
      socket.resetAndDestroy()
      for (const one of sockets) (one as Socket).resetAndDestroy()
    }, 150)
  })
  const wss = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered].at(-1) ?? false })
  wss.on('headers', (headers) => headers.push('set-cookie: room=7'))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    state.received++
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    state.cookies.push(request.headers.cookie ?? '')
    const answer = refusals[request.url ?? '']
    if (answer === undefined) wss.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, socket, state))
    else if (answer === '') socket.resume().on('end', () => socket.destroy())
    else socket.end(answer)
  })
  const origin = await listening(server, host)
  return {
    origin,
    counts: () => ({ ...structuredClone(state), open: sockets.size }),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      wss.close()
      await ended(server)
    },
  }
}

function serve(webSocket: WebSocket, socket: Duplex, state: State): void {
  webSocket.on('error', () => undefined)
  webSocket.on('close', (code) => state.closes.push(code))
  webSocket.on('pong', (data) => state.pongs.push(data.toString()))
  webSocket.on('message', (data: Buffer, binary) => {
    state.messages++
    state.bytes += data.length
    if (binary) return webSocket.send(data)
    answer(webSocket, socket, data.toString())
  })
}

function answer(webSocket: WebSocket, socket: Duplex, text: string): void {
  const [word = '', amount = '0', ...reason] = text.split(' ')
  const answers: Record<string, () => void> = {
    close: () => webSocket.close(Number(amount), reason.join(' ')),
    drop: () => void socket.destroy(),
    flood: () => {
      for (let n = 0; n < Number(amount); n++) webSocket.send(`flood ${n}`)
    },
    ping: () => {
      for (let n = 0; n < Number(amount); n++) webSocket.ping(String(n))
      webSocket.send('pinged')
    },
    fragments: () => {
      for (let n = 1; n <= Number(amount); n++) webSocket.send('x', { fin: n === Number(amount) })
    },
    deaf: () => {
      webSocket.pause()
      setTimeout(() => (socket as Socket).resetAndDestroy(), Number(amount))
    },
    later: () => void setTimeout(() => webSocket.send('late'), Number(amount)),
    mute: () => undefined,
  }
  const special = answers[word]
  if (special) special()
  else webSocket.send(`echo ${text}`)
}

/** The answers that refuse a connection, by path. '' means that the target does not answer. */
const refusals: Record<string, string> = {
  '/declined': 'HTTP/1.1 403 Forbidden\r\ncontent-length: 4\r\n\r\nno!\n',
  '/plain': 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  '/never': '',
}
