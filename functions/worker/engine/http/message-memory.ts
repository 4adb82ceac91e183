/** The maximum number of bytes of the messages of all connections of a worker, separately for unread messages and for messages that wait to be sent. */
const most = 128 * 1024 * 1024

/** Limits the memory that the messages of all connections of a worker take. */
export class MessageMemory {
  #bytes = 0

  /** Reserves memory for a message; false if no memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > most) return false
    this.#bytes += bytes
    return true
  }

  drop(bytes: number): void {
    this.#bytes -= bytes
  }
}
