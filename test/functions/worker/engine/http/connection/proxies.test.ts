import { type Server, type Socket, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openTunnel } from '../../../../../../functions/worker/engine/http/connection/proxies.ts'
import { ended, listening } from '../../../../../targets/server.ts'

/** Starts a proxy that answers with these pieces, with a pause between them. */
async function proxyThatWrites(pieces: readonly string[]): Promise<{ server: Server; port: number }> {
  const write = async (socket: Socket): Promise<void> => {
    for (const piece of pieces) {
      socket.write(piece)
      await sleep(50)
    }
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => void write(socket))
  })
  return { server, port: Number(new URL(await listening(server)).port) }
}

const lines = 'x-long: y\r\n'.repeat(1_000)

test.for<[string, string[], string | undefined]>([
  ['a head in two pieces', ['HTTP/1.1 200 OK\r\n', '\r\n'], undefined],
  [
    'a head that is too long, in two pieces',
    [`HTTP/1.1 200 OK\r\n${lines}`, lines],
    'the proxy proxy:3128 answered CONNECT with more than 16 KiB of headers',
  ],
  [
    'a long text that is not HTTP, in two pieces',
    [lines, lines],
    'the proxy proxy:3128 did not answer CONNECT with HTTP',
  ],
])(
  'if a proxy answers CONNECT with %s, the message says what is wrong',
  async ([, pieces, message], { onTestFinished }) => {
    const { server, port } = await proxyThatWrites(pieces)
    const socket = connect(port, '127.0.0.1')
    onTestFinished(async () => {
      socket.destroy()
      await ended(server)
    })
    const proxy = { hostname: '127.0.0.1', port, authorization: undefined, shown: 'proxy:3128' }
    const error = await new Promise<Error | null>((resolve) => openTunnel(socket, { proxy, target: 'a:443' }, resolve))
    expect(error?.message).toBe(message)
  },
)
