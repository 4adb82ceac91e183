import { unpackBody } from './http/body.ts'
import type { Call } from './http/call.ts'
import { StreamSource } from './http/bodies/stream-source.ts'
import type { Exchange } from './http/exchange.ts'
import type { Outgoing } from './http/outgoing.ts'
import type { Judged } from './http/judging/outcome.ts'
import type { TracedExchange, TracedHop } from './protocol.ts'
import type { RunningUser } from './users/context.ts'

/** `burst debug` shows at most this number of bytes of a body or a message. */
const shownBytes = 65_536

/** Converts a finished call to the form that `burst debug` shows. */
export function tracedExchange(
  call: Call,
  user: RunningUser,
  judged: Judged,
  redirects: readonly TracedHop[],
): TracedExchange {
  return {
    ...tracedHop(call, call.exchange),
    redirects: [...redirects],
    user: user.index,
    iteration: user.iterations,
    call: call.plan.number,
    name: call.plan.row.name,
    status: judged.response.status,
    bytesIn: call.exchange.bytesIn,
    latencyMs: judged.response.latencyMs,
    failure: judged.failure?.message ?? null,
  }
}

/** Returns the current hop of a call. */
export function tracedHop({ outgoing, url }: Pick<Call, 'outgoing' | 'url'>, exchange: Exchange): TracedHop {
  return {
    method: outgoing.method,
    url,
    requestHeaders: tracedHeaders(outgoing.headers),
    requestBody: bodyText(outgoing.body),
    status: exchange.status,
    responseHeaders: tracedHeaders(exchange.headers),
    responseBody: responseBody(exchange),
    hopMs: exchange.sentMs === 0 ? 0 : exchange.endMs - exchange.sentMs,
  }
}

function bodyText(body: Outgoing['body']): string | null {
  if (body === null) return null
  return body instanceof StreamSource ? body.words : asText(Buffer.from(body))
}

/** Returns a copy of headers, because the original headers may be changed later. */
export function tracedHeaders(headers: Exchange['headers']): TracedHop['responseHeaders'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name, value]))
}

function responseBody({ chunks, headers, bytesIn }: Exchange): string | null {
  if (chunks.length === 0) return null
  try {
    return asText(unpackBody(chunks, String(headers['content-encoding'] ?? '')))
  } catch {
    return `(${bytesIn} bytes that cannot be unpacked)`
  }
}

/**
 * Returns the first 64 KiB of `bytes` as text. If these 64 KiB are not valid UTF-8 or contain a NUL, returns a description with the total number of
 * bytes instead.
 */
export function asText(bytes: Buffer): string {
  const shown = bytes.subarray(0, shownBytes)
  try {
    // With `stream`, a character that is cut off at the end is left out. Without it, the decoder would reject this character.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(shown, {
      stream: bytes.length > shownBytes,
    })
    if (!text.includes('\u0000')) return text
  } catch {
    // The bytes are not valid UTF-8.
  }
  return `(${bytes.length} bytes, not text)`
}
