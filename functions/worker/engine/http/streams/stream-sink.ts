/** Receives a body while it arrives. */
export interface StreamSink {
  /** Whether it ends at once when the user is asked to stop. */
  readonly endsWithUser: boolean
  /** When the request fails unless more bytes arrive. */
  readonly deadlineMs: number
  /** Why a response is not the stream that was asked for; null if it is. */
  refusal(status: number, headers: Readonly<Record<string, unknown>>): Error | null
  receive(chunk: Uint8Array, flow: { pause(): void; resume(): void }): void
  /** Ends the stream for its reader. */
  breakOff(error: Error): void
}
