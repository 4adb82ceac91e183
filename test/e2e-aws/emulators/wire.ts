import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A connection to an endpoint; a test can cut and restore the connection. */
export interface Wire {
  /** The address from which requests are forwarded to the real endpoint. */
  endpoint: string
  /** Ends all connections and refuses new connections. */
  cut(): Promise<void>
  mend(): Promise<void>
}

/** Starts to forward connections to an `http://` endpoint. */
export async function startWire(endpoint: string): Promise<Wire> {
  const { hostname, port } = new URL(endpoint)
  const open = new Set<Socket>()
  const server = createServer((here) => {
    const there = connect(Number(port), hostname)
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.once('close', () => {
        open.delete(one)
        other.destroy()
      })
      // After an error, the socket closes, and the close handler above destroys the other socket.
      one.on('error', () => undefined)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${own}`,
    cut: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
    mend: async () => {
      server.listen(own, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
