import type { SharedMemory } from './shared-memory.ts'

/** The counts and limits that all exchanges of an engine share. */
export interface ExchangeMeter {
  /** The memory for stream pieces that users have not read yet. */
  readonly streamed: SharedMemory
  /** Adds a written hop (1). Subtracts a written hop (-1) if it is sent again because the target has probably not read it. */
  wrote(hops: 1 | -1): void
  /** Reserves memory for more bytes of a body. Returns false if not enough memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean
  drop(bytes: number): void
  /** Returns an upper bound, in milliseconds, for how long the bytes that burst reads now have waited in the socket. */
  waitedMs(nowMs: number): number
}
