import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'

/** A port that forwards a browser's connections to a server. A test can close the port and open it again. */
export class TcpPath {
  readonly #to: number
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  #port = 0

  /** @param to the port of the server on this machine */
  constructor(to: number) {
    this.#to = to
  }

  get port(): number {
    return this.#port
  }

  /** Starts to forward connections. The first call selects a free port; later calls use the same port. */
  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#to, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Closes all connections and refuses new connections. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
