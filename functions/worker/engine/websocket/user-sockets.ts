import type { WebSocketConnection } from '../../../../core/authoring/requests/web-socket.ts'
import { performance } from '../../../guard/built-ins.ts'
import { SocketConnection } from './socket-connection.ts'
import { checkedProtocols } from './checks.ts'
import { Opening } from './opening.ts'
import type { SocketContext } from './services.ts'

/**
 * The maximum number of open connections of one user. Without a limit, code that opens connections in a loop would use up all descriptors.
 */
const mostOpen = 100

/** The WebSocket connections of one user. */
export class UserSockets {
  readonly #context: SocketContext
  readonly #open = new Set<SocketConnection>()
  #opening = 0

  constructor(context: SocketContext) {
    this.#context = context
  }

  /** `true` if a connection is open or is being opened. */
  get any(): boolean {
    return this.#open.size + this.#opening > 0
  }

  async open(url: unknown, options: object | undefined): Promise<WebSocketConnection> {
    const protocols = checkedProtocols(options)
    if (this.#open.size + this.#opening >= mostOpen) {
      throw new Error(
        `a user has at most ${mostOpen} open WebSocket connections: close the connections that the user no longer needs`,
      )
    }
    const plan = this.#context.user.prepareSocket(url, options)
    this.#context.redirects.name(plan.outgoing.origin)
    const gone = (connection: SocketConnection): void => void this.#open.delete(connection)
    const made = (opened: ConstructorParameters<typeof SocketConnection>[0]): SocketConnection => {
      const connection = new SocketConnection(opened, plan, this.#context, gone)
      this.#open.add(connection)
      return connection
    }
    this.#opening++
    try {
      return await new Opening({ plan, protocols, made }, this.#context, performance.now()).promise
    } finally {
      this.#opening--
    }
  }

  /** Resumes the loops that read messages, so that they can end. */
  endReading(): void {
    for (const connection of this.#open) connection.wakeReaders()
  }

  /** Closes all connections. Called when the user has ended. */
  close(): void {
    for (const connection of this.#open) connection.end()
    this.#open.clear()
  }
}
