/** The maximum number of bytes of one kind of data, for example of unread messages. */
const most = 128 * 1024 * 1024

/** An object whose data can be dropped to make room for other data of the same kind. */
export interface Droppable {
  /** Drops the oldest part of the data. */
  dropOldest: () => void
}

/** Limits the memory for one kind of data. All users of a worker share this memory. */
export class SharedMemory {
  /** The objects whose data can be dropped, in the order in which they were added. */
  readonly droppable = new Set<Droppable>()
  #bytes = 0

  /** Reserves memory. Returns false if not enough memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean {
    if (this.#bytes + bytes > most) return false
    this.#bytes += bytes
    return true
  }

  /**
   * Reserves memory. If not enough memory is left, drops older data of the same kind. Returns false if there is no more data to drop and the memory
   * still does not suffice.
   */
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
