import type { WebSocketMessage } from '../../../../core/authoring/requests/web-socket.ts'
import type { Droppable, SharedMemory } from '../http/shared-memory.ts'

/**
 * The maximum number of unread messages that one connection keeps, and the maximum total number of their bytes. A single message may have more bytes.
 * While the user awaits a message, the connection may keep more messages, because the user is about to read them.
 */
const kept = { messages: 1_000, bytes: 1024 * 1024 }

export const fullInbox = 'a connection keeps at most 1,000 unread messages, with at most 1 MiB in total'
export const fullMemory = 'all connections of a worker together keep at most 128 MiB of messages'

/**
 * `atMs` is the time, on the engine's clock, at which bytes were read. `unreadMs` is the longest time, in milliseconds, for which these bytes may
 * have waited unread.
 */
export interface Read {
  atMs: number
  unreadMs: number
}

/** A message that has arrived. */
export class Message implements WebSocketMessage {
  readonly bytes: Buffer
  readonly binary: boolean
  /** The field is private, because only the engine may read the times. */
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

/** The memory, in bytes, that a message needs in addition to its own bytes. This memory matters if a target sends messages without content. */
const messageOverhead = 256

/**
 * The unread messages of a connection. If there are too many messages, the oldest messages are dropped. All connections of a worker share the memory
 * for unread messages and for messages that have arrived only in part. When this memory is full, even the only message of a connection is dropped.
 */
export class Inbox implements Droppable {
  readonly #memory: SharedMemory
  readonly #dropped: () => void
  #messages: Message[] = []
  #head = 0
  #bytes = 0
  /** The memory, in bytes, of the message that has arrived only in part. */
  #partBytes = 0
  #isCounted = true

  /**
   * @param dropped called when a message of this inbox was dropped to make room for an incomplete message of any connection
   */
  constructor(memory: SharedMemory, dropped: () => void = () => undefined) {
    this.#memory = memory
    this.#dropped = dropped
  }

  get length(): number {
    return this.#messages.length - this.#head
  }

  get isFull(): boolean {
    return this.length > 1 && (this.length > kept.messages || this.#bytes > kept.bytes)
  }

  /**
   * Adds a message. Drops the oldest messages of a full inbox, unless the user awaits a message (`isAwaited`).
   * @returns `dropped`: the number of dropped messages. If there was no room even without the older messages, the new message is dropped as well, and
   * is included in this number. `full`: whether the shared memory was full
   */
  add(message: Message, isAwaited = false): { dropped: number; full: boolean } {
    let dropped = 0
    while (!this.#memory.keep(sizeOf(message))) {
      dropped++
      if (!this.take()) return { dropped, full: true }
    }
    const full = dropped > 0
    this.#messages.push(message)
    this.#memory.droppable.add(this)
    this.#bytes += message.bytes.length
    if (!isAwaited) for (; this.isFull; dropped++) this.take()
    return { dropped, full }
  }

  /** Removes and returns the oldest message. */
  take(): Message | undefined {
    const message = this.#messages[this.#head]
    if (!message) return undefined
    this.#messages[this.#head++] = undefined as never
    this.#bytes -= message.bytes.length
    if (this.#isCounted) this.#memory.drop(sizeOf(message))
    if (this.length === 0) this.#memory.droppable.delete(this)
    if (this.#head > kept.messages) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    return message
  }

  /**
   * Reserves memory for the message that has arrived only in part. If not enough memory is left, unread messages of any connection are dropped.
   * @returns false if not enough memory is left even after all unread messages were dropped
   */
  keepPart(bytes: number): boolean {
    const more = bytes - this.#partBytes
    if (more > 0 && !this.#memory.keepInsteadOfOthers(more)) return false
    if (more < 0) this.#memory.drop(-more)
    this.#partBytes = bytes
    return true
  }

  dropOldest(): void {
    this.take()
    this.#dropped()
  }

  clear(): void {
    while (this.length > 0) this.take()
  }

  /**
   * Releases the shared memory of the messages. Called when the connection is closed. The user can still read the messages, but may never do so, and
   * their memory would then stay reserved.
   */
  release(): void {
    if (!this.#isCounted) return
    this.#isCounted = false
    this.#memory.droppable.delete(this)
    this.#memory.drop(this.#partBytes)
    for (const message of this.#messages.slice(this.#head)) this.#memory.drop(sizeOf(message))
  }
}

function sizeOf({ bytes }: Message): number {
  return bytes.length + messageOverhead
}
