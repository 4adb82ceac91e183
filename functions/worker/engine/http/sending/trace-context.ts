import { type RandomStream, keyedStream } from '../../../../../core/random.ts'
import type { Outgoing } from '../outgoing.ts'

/**
 * Adds a `traceparent` header (W3C Trace Context, version 00, sampled) if the scenario has not set this header. The same seed and keys result in the
 * same ids.
 */
export function addTraceContext(outgoing: Outgoing, seed: number, keys: readonly number[]): void {
  if (outgoing.headers['traceparent'] !== undefined) return
  const stream = keyedStream(seed, keys, 'trace')
  const traceparent = `00-${hex(stream, 4)}-${hex(stream, 2)}-01`
  // The headers are copied, because all requests to the route may share the same object.
  outgoing.headers = { ...outgoing.headers, traceparent }
}

/**
 * Returns an object with the trace id from the `traceparent` header of a request. The object is empty if there is no trace id. The report shows the
 * trace id in the example of a failure.
 */
export function traceOf({ headers }: Pick<Outgoing, 'headers'>): { traceId?: string } {
  const traceId = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-/.exec(String(headers['traceparent'] ?? ''))?.[1]
  return traceId === undefined ? {} : { traceId }
}

/** Returns a random id. At least one digit of the id is not 0, because the standard forbids an id that consists of zeros. */
function hex(stream: RandomStream, words: number): string {
  const digits = Array.from({ length: words }, () => stream.int(0, 0xffff_ffff).toString(16).padStart(8, '0')).join('')
  return /[^0]/.test(digits) ? digits : digits.replace(/0$/, '1')
}
