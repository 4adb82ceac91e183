import { unpackBody } from './http/body.ts'
import type { Call } from './http/call.ts'
import { ResponseHeaders } from './http/sending/headers.ts'
import type { Judged } from './http/judging/outcome.ts'
import type { TracedExchange } from './protocol.ts'
import type { FloorUser } from './users/floor.ts'

/** A finished call as a person would want to read it. */
export function tracedExchange(call: Call, user: FloorUser, judged: Judged): TracedExchange {
  const { row } = call.plan
  // Of the last hop, as the URL is.
  const { outgoing } = call
  return {
    user: user.index,
    iteration: user.iterations,
    call: call.plan.number,
    name: row.name,
    method: outgoing.method,
    url: call.url,
    requestHeaders: joined(outgoing.headers),
    requestBody: outgoing.body === null ? null : asText(Buffer.from(outgoing.body)),
    status: judged.response.status,
    responseHeaders: Object.fromEntries(new ResponseHeaders(call.exchange.headers).entries()),
    responseBody: responseBody(call),
    bytesIn: call.exchange.bytesIn,
    latencyMs: judged.response.latencyMs,
    failure: judged.failure?.message ?? null,
  }
}

function joined(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]))
}

function responseBody(call: Call): string | null {
  const { chunks, headers } = call.exchange
  if (chunks.length === 0) return null
  try {
    return asText(unpackBody(chunks, String(headers['content-encoding'] ?? '')))
  } catch {
    return `(${call.exchange.bytesIn} bytes that cannot be unpacked)`
  }
}

/** Text, or how much there is of what is none. */
function asText(bytes: Buffer): string {
  const text = bytes.subarray(0, 65_536).toString('utf8')
  return text.includes('\u0000') || text.includes('\uFFFD') ? `(${bytes.length} bytes, not text)` : text
}
