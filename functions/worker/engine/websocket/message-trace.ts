import { asText } from '../trace.ts'
import type { SocketContext } from './services.ts'

/** `burst debug` shows at most this number of messages for each connection. */
const mostShown = 100

/** Shows the messages of one connection in `burst debug`. */
export class MessageTrace {
  readonly #context: Pick<SocketContext, 'trace' | 'user'>
  readonly #name: string
  #count = 0

  constructor(context: Pick<SocketContext, 'trace' | 'user'>, name: string) {
    this.#context = context
    this.#name = name
  }

  /** Returns a function that shows a message in `burst debug`. In a run, the returned function does not keep the message in memory. */
  later(way: 'sent' | 'received', data: string | Buffer): () => void {
    return this.#context.trace ? () => this.show(way, data) : ignore
  }

  show(way: 'sent' | 'received', data: string | Buffer): void {
    const { trace, user } = this.#context
    if (!trace || this.#count > mostShown) return
    this.#count++
    const text =
      this.#count > mostShown ? '(further messages are not shown)' : typeof data === 'string' ? data : asText(data)
    trace({ kind: 'message', user: user.index, name: this.#name, way, text })
  }
}

function ignore(): void {
  // Does nothing, because a run shows no messages.
}
