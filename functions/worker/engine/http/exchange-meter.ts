import type { SharedMemory } from './shared-memory.ts'

/** Counts and limits that all exchanges of an engine share. */
export interface ExchangeMeter {
  /** The memory for stream pieces that users have not read yet. */
  readonly streamed: SharedMemory
  /** Counts a written hop (1), or subtracts a hop that is sent again because the target has probably not read it (-1). */
  wrote(hops: 1 | -1): void
  /** Reserves memory for more bytes of a body. Returns false if not enough memory is left. `drop` releases the memory. */
  keep(bytes: number): boolean
  drop(bytes: number): void
  /** Returns the longest time, in milliseconds, for which bytes that are read now may have waited unread. */
  waitedMs(nowMs: number): number
}
