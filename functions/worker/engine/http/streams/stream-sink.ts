import type { SharedMemory } from '../shared-memory.ts'

/** Receives a body while it arrives. */
export interface StreamSink {
  /** `true` if the stream ends immediately when the user is asked to stop. */
  readonly endsWithUser: boolean
  /** The time at which the request fails if no more bytes arrive. */
  readonly deadlineMs: number
  /** Returns an error if a response is not the requested stream; otherwise null. */
  refusal(status: number, headers: Readonly<Record<string, unknown>>): Error | null
  /** Receives a piece. `memory` limits the memory of the unread pieces of all streams. */
  receive(chunk: Uint8Array, flow: { pause(): void; resume(): void }, memory: SharedMemory): void
  /** Ends the stream. The code that reads the stream gets the error. */
  breakOff(error: Error): void
}
