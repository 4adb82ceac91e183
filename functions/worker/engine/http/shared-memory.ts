/** The maximum number of bytes of one kind of data. */
const most = 128 * 1024 * 1024

/** Limits the memory that one kind of data, for example unread messages, takes for all users of a worker. */
export class SharedMemory {
  #bytes = 0

  /** Reserves memory; false if not enough memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > most) return false
    this.#bytes += bytes
    return true
  }

  drop(bytes: number): void {
    this.#bytes -= bytes
  }
}
