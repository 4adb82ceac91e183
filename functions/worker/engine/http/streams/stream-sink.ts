import type { SharedMemory } from '../shared-memory.ts'

/** Receives a body while it arrives. */
export interface StreamSink {
  /** `true` if the stream ends immediately when the user is asked to stop. */
  readonly endsWithUser: boolean
  /** The time at which the request fails if no more bytes arrive. */
  readonly deadlineMs: number
  /** Returns why a response is not the requested stream; null if it is. */
  refusal(status: number, headers: Readonly<Record<string, unknown>>): Error | null
  /** Receives a piece. `memory` is the memory that the unread pieces of all streams share. */
  receive(chunk: Uint8Array, flow: { pause(): void; resume(): void }, memory: SharedMemory): void
  /** Ends the stream for its reader. */
  breakOff(error: Error): void
}
