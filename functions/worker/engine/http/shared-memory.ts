/** The maximum number of bytes of one kind of data. */
const most = 128 * 1024 * 1024

/** Data that can be dropped to make room for other data of its kind. */
export interface Droppable {
  /** Drops the oldest part. */
  dropOldest: () => void
}

/** Limits the memory that one kind of data, for example unread messages, takes for all users of a worker. */
export class SharedMemory {
  /** The objects whose data can be dropped, in the order in which they were added. */
  readonly droppable = new Set<Droppable>()
  #bytes = 0

  /** Reserves memory; false if not enough memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > most) return false
    this.#bytes += bytes
    return true
  }

  /** Reserves memory, and drops other data of its kind if not enough memory is left; false if dropping all of it does not make enough room. */
  keepInsteadOfOthers(bytes: number): boolean {
    while (!this.keep(bytes)) {
      const [first] = this.droppable
      if (!first) return false
      first.dropOldest()
    }
    return true
  }

  drop(bytes: number): void {
    this.#bytes -= bytes
  }
}
