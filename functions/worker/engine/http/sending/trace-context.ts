import { type RandomStream, keyedStream } from '../../../../../core/random.ts'
import type { Outgoing } from '../outgoing.ts'

/**
 * Adds a `traceparent` header (W3C Trace Context, version 00, sampled) unless the scenario has set one. The same seed and keys give the same
 * ids.
 */
export function addTraceContext(outgoing: Outgoing, seed: number, keys: readonly number[]): void {
  if (outgoing.headers['traceparent'] !== undefined) return
  const stream = keyedStream(seed, keys, 'trace')
  const traceparent = `00-${hex(stream, 4)}-${hex(stream, 2)}-01`
  // Copies the headers, because all requests to the route may share the object.
  outgoing.headers = { ...outgoing.headers, traceparent }
}

/** Returns the id of the trace in the `traceparent` header of a request, for the example of a failure. */
export function traceOf({ headers }: Pick<Outgoing, 'headers'>): { traceId?: string } {
  const traceId = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-/.exec(String(headers['traceparent'] ?? ''))?.[1]
  return traceId === undefined ? {} : { traceId }
}

/** Returns an id. At least one of its digits is not 0, because the standard forbids an id of zeros. */
function hex(stream: RandomStream, words: number): string {
  const digits = Array.from({ length: words }, () => stream.int(0, 0xffff_ffff).toString(16).padStart(8, '0')).join('')
  return /[^0]/.test(digits) ? digits : digits.replace(/0$/, '1')
}
