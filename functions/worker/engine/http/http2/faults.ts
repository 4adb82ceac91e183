import type { FailureKind } from '../../../../../core/window/window.ts'
import { headTooLong } from '../connection/wire.ts'

/** The error that says why an exchange over HTTP/2 failed. */
export class Http2Fault extends Error {
  readonly kind: FailureKind
  /** The error code of HTTP/2, e.g. `INTERNAL_ERROR`; '' if there is none. */
  readonly code: string
  /**
   * `true` if the request may be sent again, because it was not written, or because the target says that it has not processed the request (RFC 9113
   * §8.7).
   */
  readonly unprocessed: boolean
  /** `true` if the target closed the connection without an error of HTTP/2, or if `unprocessed` is true. */
  readonly hangUp: boolean
  /** The message of a failure after the head of a response had arrived. If `#cutShort` is undefined, `message` is also used for such a failure. */
  readonly #cutShort: string | undefined

  constructor(message: string, { kind = 'network', code = '', unprocessed, hangUp, cutShort }: FaultFacts = {}) {
    super(message)
    this.kind = kind
    this.code = code
    this.unprocessed = unprocessed ?? false
    this.hangUp = hangUp ?? this.unprocessed
    this.#cutShort = cutShort
  }

  /**
   * Returns the failure of the exchange.
   * @param begun whether the head of a response had arrived
   */
  failure(begun: boolean): { kind: FailureKind; message: string } {
    const [kind, words] =
      begun && this.#cutShort !== undefined ? (['protocol', this.#cutShort] as const) : [this.kind, this.message]
    return { kind, message: this.code === '' ? words : `${this.code}: ${words}` }
  }
}

interface FaultFacts {
  kind?: FailureKind
  code?: string
  unprocessed?: boolean
  hangUp?: boolean
  cutShort?: string
}

/** Returns the fault for a target that does not speak HTTP/2 although the scenario requires HTTP/2. */
export function notHttp2(): Http2Fault {
  return new Http2Fault(
    "the target does not speak HTTP/2, which http2: true requires; http2: 'auto' also accepts HTTP/1.1",
    {
      kind: 'protocol',
    },
  )
}

/**
 * Returns the fault for bytes that violate HTTP/2. If node:http2 refuses the head of the response because of its size, the message says so.
 * @param error the error of node:http2, which may contain the reason
 * @param unprocessed whether the request was not written
 */
export function invalidHttp2(code: number, error: Error | undefined, unprocessed: boolean): Http2Fault {
  if (code === names.indexOf('ENHANCE_YOUR_CALM') || isManyFrames(error)) {
    return new Http2Fault(headTooLong, { kind: 'protocol' })
  }
  const reason = (error as { code?: string } | undefined)?.code === 'ERR_HTTP2_ERROR' ? error?.message : undefined
  return new Http2Fault(`invalid HTTP/2 (${reason ?? nameOf(code)})`, { kind: 'protocol', unprocessed })
}

/** Returns whether node:http2 refuses a head because the head has too many frames. */
function isManyFrames(error: Error | undefined): boolean {
  return error?.message.startsWith('Too many CONTINUATION frames') ?? false
}

/** Returns the fault for a body whose length differs from its `content-length`. */
export function wrongLength(): Http2Fault {
  return new Http2Fault('the body is not as long as content-length says', { kind: 'protocol' })
}

/** Returns the fault for a stream that the target ended while the connection stays open. */
export function resetByTarget(code: number): Http2Fault {
  return new Http2Fault('the target ended the stream without a response', {
    code: nameOf(code),
    unprocessed: code === refusedStream,
    cutShort: 'the target ended the stream before the body was complete',
  })
}

/**
 * Returns the fault for a request that the target will not process: its GOAWAY frame says so, or the connection closed before the request was
 * written.
 */
export function leftOut(code: number): Http2Fault {
  return new Http2Fault('the target ended the connection before it processed the request', {
    code: nameOf(code),
    unprocessed: true,
  })
}

/** Returns the fault for a connection that the target ended with an error. */
export function goneAway(code: number): Http2Fault {
  return new Http2Fault('the target ended the connection', {
    code: nameOf(code),
    cutShort: 'the target ended the connection before the body was complete',
  })
}

export function closedByTarget(): Http2Fault {
  return new Http2Fault('connection closed by the target', {
    hangUp: true,
    cutShort: 'the target closed the connection before the body was complete',
  })
}

/** The error codes of HTTP/2, by number (RFC 9113 §7). burst does not read the codes from node:http2, because node:http2 takes time to load. */
const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]
const refusedStream = names.indexOf('REFUSED_STREAM')
/** The code with which node:http2 ends a stream whose response violates the protocol. */
export const protocolErrorCode = names.indexOf('PROTOCOL_ERROR')
/** The code with which a client ends a stream that it no longer needs. */
export const cancelCode = names.indexOf('CANCEL')

function nameOf(code: number): string {
  return names[code] ?? `error ${code}`
}
