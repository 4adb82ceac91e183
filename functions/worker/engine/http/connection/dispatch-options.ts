import type { Dispatcher } from 'undici'
import { StreamSource } from '../bodies/stream-source.ts'
import type { Lent } from './lent.ts'
import { throughProxy } from './proxies.ts'
import type { Outgoing } from '../outgoing.ts'
import { closes, divideHeaders } from '../sending/hop-headers.ts'

/** Options that undici accepts although its types do not declare them. */
type DispatchOptions = Dispatcher.DispatchOptions & { servername: string | undefined }

type PiecesOf = (body: StreamSource) => AsyncIterable<Uint8Array>

/** Returns the options with which undici sends a request on a connection. `piecesOf` converts a streamed body to an iterable of its pieces. */
export function dispatchOptions(outgoing: Outgoing, lent: Lent, piecesOf: PiecesOf): DispatchOptions {
  const options = plainOptions(outgoing, lent, piecesOf)
  return outgoing.hopHeaders ? withHopHeaders(options, outgoing, lent) : options
}

/**
 * Returns the options for a request, without special treatment of its hop headers. `reset: true` sends `connection: close`. `reset: false` keeps the
 * connection open in two cases in which undici would close it by default: after a HEAD request, and after a request that has a body although its
 * method usually has none.
 */
function plainOptions(outgoing: Outgoing, { servername, proxy }: Lent, piecesOf: PiecesOf): DispatchOptions {
  const { origin, method, body, close = false } = outgoing
  const { path, headers } = proxy ? throughProxy(outgoing, proxy) : outgoing
  if (!(body instanceof StreamSource)) return { origin, path, method, headers, body, reset: close, servername }
  const streamed = { headers: body.headers(headers), body: piecesOf(body) as never }
  return { origin, path, method, ...streamed, reset: close, servername }
}

function withHopHeaders(options: DispatchOptions, outgoing: Outgoing, { proxy }: Lent): DispatchOptions {
  const { headers: all } = proxy ? throughProxy(outgoing, proxy) : outgoing
  const { headers, connection, chunked } = divideHeaders(all)
  const { body } = outgoing
  const common = { ...options, reset: options.reset === true || closes(connection) }
  if (body instanceof StreamSource) return { ...common, headers: chunked ? headers : body.headers(headers) }
  // undici sends an iterable body in chunks. A body that must be sent in chunks is therefore put into a list.
  return { ...common, headers, body: chunked && body !== null ? ([Buffer.from(body as string)] as never) : body }
}
