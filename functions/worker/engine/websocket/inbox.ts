import type { WebSocketMessage } from '../../../../core/authoring/requests/web-socket.ts'

/** The maximum number of unread messages that one connection keeps, and the maximum number of their bytes. */
const kept = { messages: 1_000, bytes: 1024 * 1024 }

/** The time at which a message was read, on the engine's clock, and the longest time for which its bytes may have waited unread, in milliseconds. */
export interface Read {
  atMs: number
  unreadMs: number
}

/** A message that has arrived. */
export class Message implements WebSocketMessage {
  readonly bytes: Buffer
  readonly binary: boolean
  /** A private field, because only the engine may read it. */
  readonly #read: Read

  constructor(bytes: Buffer, binary: boolean, read: Read) {
    this.bytes = bytes
    this.binary = binary
    this.#read = read
  }

  static readOf(message: Message): Read {
    return message.#read
  }

  text(): string {
    return this.bytes.toString('utf8')
  }

  json(): unknown {
    return JSON.parse(this.text())
  }
}

/** The unread messages of a connection. If there are too many, the oldest are dropped. */
export class Inbox {
  #messages: Message[] = []
  #head = 0
  #bytes = 0

  get length(): number {
    return this.#messages.length - this.#head
  }

  /**
   * Adds a message.
   * @returns the number of old messages that were dropped to make room
   */
  add(message: Message): number {
    this.#messages.push(message)
    this.#bytes += message.bytes.length
    let dropped = 0
    for (; this.length > 1 && (this.length > kept.messages || this.#bytes > kept.bytes); dropped++) this.take()
    return dropped
  }

  /** Removes and returns the oldest message. */
  take(): Message | undefined {
    const message = this.#messages[this.#head]
    if (!message) return undefined
    this.#messages[this.#head++] = undefined as never
    this.#bytes -= message.bytes.length
    if (this.#head > kept.messages) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    return message
  }

  clear(): void {
    this.#messages = []
    this.#head = 0
    this.#bytes = 0
  }
}
