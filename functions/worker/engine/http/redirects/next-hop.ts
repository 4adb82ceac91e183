import type { Expected } from '../judging/expected.ts'
import type { Exchange } from '../exchange.ts'
import type { Outgoing } from '../outgoing.ts'
import { takeCredentials } from '../sending/credentials.ts'
import type { Failure } from '../failure.ts'

/** The properties of a call that `nextHop` needs. */
interface Redirectable {
  readonly plan: { readonly redirects: number }
  /** The URL of the current hop. */
  readonly url: string
  readonly outgoing: Outgoing
  readonly hops: number
  readonly expectation: Expected | undefined
}

/** The maximum number of characters of an unknown scheme in a message. */
const longestScheme = 20

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/**
 * Returns the next hop of a redirect (RFC 9110 §15.4). Returns null if the response is not a redirect that burst must follow, and a failure if the
 * redirect cannot be followed. After a 303, the next hop is a GET without a body; only a HEAD stays a HEAD. If the response to a POST is a 301 or a
 * 302, the next hop is also a GET without a body. The headers `authorization` and `host` are not sent to a different origin. A user name and a
 * password in the location become the `authorization` header.
 */
export function nextHop(call: Redirectable, exchange: Exchange): { url: URL; outgoing: Outgoing } | Failure | null {
  if (!isRedirect(call, exchange)) return null
  const given = locationsOf(exchange)
  if (call.hops > call.plan.redirects)
    return { kind: 'protocol', message: `more than ${call.plan.redirects} redirects` }
  const url = locationOf(given, call.url)
  if ('kind' in url) return url
  const credentials = takeCredentials(url)
  const outgoing = outgoingTo(url, call.outgoing, exchange.status, new URL(call.url).origin)
  if (credentials !== undefined) outgoing.headers['authorization'] = credentials
  return { url, outgoing }
}

/** Returns whether burst must try to follow the response as a redirect. Returns false if the scenario wants to receive the redirect response. */
export function isRedirect(call: Redirectable, exchange: Exchange): boolean {
  if (!redirectStatuses.has(exchange.status) || locationsOf(exchange).length === 0) return false
  return call.plan.redirects > 0 && !expectsRedirect(call, exchange.status)
}

/** Returns whether the scenario expects the status of the redirect. If the scenario expects it, the redirect is the final response. */
function expectsRedirect(call: Redirectable, status: number): boolean {
  return call.expectation?.status?.includes(status) ?? false
}

/**
 * Returns the `location` headers that are not empty. Like browsers, burst does not follow an empty location, which would lead back to the same URL.
 */
function locationsOf({ headers: { location = [] } }: Exchange): string[] {
  return [location].flat().filter((one) => one.trim() !== '')
}

/** Returns the target of a redirect. Several equal `location` headers are treated as one. */
function locationOf(given: readonly string[], base: string): URL | Failure {
  const [location = '', ...others] = given
  if (others.some((other) => other !== location)) {
    return { kind: 'protocol', message: 'redirect with several location headers that differ' }
  }
  const url = URL.parse(escaped(location), base)
  if (!url) return { kind: 'protocol', message: 'redirect to a location that is not a valid URL' }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  const scheme = url.protocol.slice(0, longestScheme)
  return { kind: 'protocol', message: `redirect to a location that begins with '${scheme}', not with http: or https:` }
}

/**
 * Percent-encodes the bytes that the server did not encode. undici decodes headers as Latin-1, so each such byte is one character, although the bytes
 * are usually UTF-8.
 */
function escaped(location: string): string {
  return location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

function outgoingTo(url: URL, before: Outgoing, status: number, fromOrigin: string): Outgoing {
  const becomesGet = status === 303 ? before.method !== 'HEAD' : status < 303 && before.method === 'POST'
  const headers = { ...before.headers }
  if (becomesGet) {
    delete headers['content-type']
    delete headers['expect']
    delete headers['transfer-encoding']
  }
  if (url.origin !== fromOrigin) {
    delete headers['authorization']
    delete headers['host']
  }
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: becomesGet ? 'GET' : before.method,
    headers,
    hopHeaders: before.hopHeaders,
    close: before.close,
    body: becomesGet ? null : before.body,
    keepBody: before.keepBody,
    sink: before.sink,
  }
}
