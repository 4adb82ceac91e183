import { marks } from '../../../../core/authoring/runtime.ts'
import type { FailureKind } from '../../../../core/window/window.ts'
import { refusedCode } from '../../../guard/targets.ts'
import { bodyThrew } from './bodies/stream-source.ts'
import { Http2Fault } from './http2/faults.ts'
import { isTlsCode, tlsWords } from './connection/tls-words.ts'
import { proxyCode } from './connection/proxies.ts'
import { headTooLong, invalidHead, invalidStatusCode } from './connection/wire.ts'

/**
 * The reason why a request failed. The report groups failures by `message`, so the message contains no details that differ between requests. The
 * recorder masks secrets in the message and shortens it.
 */
export interface Failure {
  kind: FailureKind
  message: string
}

/** Thrown when a function of the scenario reads something that the response does not contain. */
export class NotInResponse extends Error {
  override readonly name = 'NotInResponse'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/**
 * An error that ends a task but does not count as an exception: the failed request has already been counted, burst cuts the task off, or the user
 * called `this.stop()`.
 */
export class TaskEnd extends Error {
  override readonly name = 'TaskEnd'
  readonly [marks.taskEnd] = true
}

/** Ends a task that burst cuts off. Such a task counts neither as passed nor as failed. */
export class CutOff extends TaskEnd {
  constructor(message = 'the user was stopped') {
    super(message)
  }
}

/** Ends a task because its user called `this.stop()`. The task counts as passed. */
export class UserLeft extends TaskEnd {
  constructor() {
    super('the user left with this.stop()')
  }
}

/** Returns whether burst cut the task off. The mark is checked first, because user code may throw a value for which `instanceof` throws. */
export function isCutOff(thrown: unknown): boolean {
  return isTaskEnd(thrown) && thrown instanceof CutOff
}

export function isUserLeft(thrown: unknown): boolean {
  return isTaskEnd(thrown) && thrown instanceof UserLeft
}

/** Returns whether code of the scenario ended early because burst cut it off, or because its user called `this.stop()`. */
export function isUnfinished(thrown: unknown): boolean {
  return isCutOff(thrown) || isUserLeft(thrown)
}

export function isTaskEnd(thrown: unknown): boolean {
  return isMarked(thrown, marks.taskEnd)
}

export function isExhausted(thrown: unknown): boolean {
  return isMarked(thrown, marks.exhausted)
}

/** Returns whether a thrown value has a mark. Returns false if the thrown value is a proxy that throws when burst reads the mark. */
function isMarked(thrown: unknown, mark: symbol): boolean {
  try {
    return typeof thrown === 'object' && thrown !== null && mark in thrown
  } catch {
    return false
  }
}

/** The error for a response that is not the requested stream. */
export class StreamFault extends Error {
  readonly code = 'BURST_STREAM_FAULT'
}

export function isStreamFault(error: unknown): boolean {
  return error instanceof Error && innermost(error) instanceof StreamFault
}

/** Error codes for faults of the generator, which has no descriptors, ports, buffers or memory left. The target does not cause these faults. */
const generatorCodes = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

const plainWords = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset by the target'],
  ['EPIPE', 'connection closed by the target'],
  ['ENOTFOUND', 'host not found'],
  ['EAI_AGAIN', 'host lookup failed temporarily'],
  ['ETIMEDOUT', 'connecting timed out'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['UND_ERR_SOCKET', 'connection closed by the target'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connecting timed out'],
])

/** The messages for responses that violate HTTP's rules, by error code. */
const protocolWords = new Map([
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the body is not as long as content-length says'],
  ['UND_ERR_HEADERS_OVERFLOW', headTooLong],
  // burst opens WebSocket connections with node:http. node:http uses this code for a head that is too long.
  ['HPE_HEADER_OVERFLOW', headTooLong],
])

/** Errors that are caused by undici's code, or by the arguments that burst passed to undici. */
const ownCodes =
  /^(ERR_ASSERTION|ERR_INVALID_|ERR_OUT_OF_RANGE|UND_ERR_(INVALID|NOT_SUPPORTED|REQ_)|TypeError|RangeError|ReferenceError)/

interface CodedError extends Error {
  code?: string
  syscall?: string
  /** The proxy at which the connection failed. */
  proxy?: string
  errors?: CodedError[]
}

/** The part of a response that had arrived when the request failed. */
interface Answered {
  /** The HTTP status; 0 if the head was not complete. */
  readonly status: number
  /** The time at which the first byte (over HTTP/2, the complete head) arrived; 0 if it had not arrived. */
  readonly firstByteMs: number
}

/** Returns the failure of a request that ended with an error of the network, of undici, of HTTP/2 or of the scenario's own body. */
export function failureOf(error: unknown, answered: Answered): Failure {
  const coded = innermost(error as CodedError)
  const code = coded.code ?? coded.name
  if (code === refusedCode) return { kind: 'refused', message: coded.message }
  if (code === proxyCode) return { kind: 'network', message: coded.message }
  if (isWrongLocalAddress(coded)) {
    return { kind: 'generator', message: `${code}: localAddress is not an address of the worker's machine` }
  }
  if (generatorCodes.has(code)) return { kind: 'generator', message: `${code}: the generator has no resources left` }
  return (
    streamFailure(code, coded, answered) ??
    protocolFailure(code, coded, answered) ??
    otherFailure(code, Object.assign(coded, placeIn(error)))
  )
}

/** Returns whether the error means that the local address cannot be used. Node reports this error with the system call `bind`. */
function isWrongLocalAddress({ code, syscall }: CodedError): boolean {
  return code === 'EADDRNOTAVAIL' && syscall === 'bind'
}

/**
 * Returns the field `proxy` of an error; an empty object if the error does not have this field. Called with the outer error, because an inner error
 * of the system does not have this field.
 */
function placeIn(error: unknown): { proxy?: string } {
  const { proxy } = error as CodedError
  return proxy === undefined ? {} : { proxy }
}

/** Returns whether the other side closed or reset the connection. */
export function isHangUp(error: unknown): boolean {
  if (error instanceof Http2Fault) return error.hangUp
  const { code, message } = innermost(error as CodedError)
  return code === 'ECONNRESET' || code === 'EPIPE' || (code === 'UND_ERR_SOCKET' && message.endsWith('closed'))
}

/** Returns true if a request over HTTP/2 was not written, or if the target says that it has not processed the request. */
export function isUnprocessed(error: unknown): boolean {
  return error instanceof Http2Fault && error.unprocessed
}

function otherFailure(code: string, error: CodedError): Failure {
  const at = error.proxy === undefined ? '' : ` (at the proxy ${error.proxy})`
  if (!ownCodes.test(code)) return { kind: 'network', message: `${code}: ${networkWords(code, error)}${at}` }
  return { kind: 'generator', message: `${code}: burst could not send the request: ${shortMessage(error)}` }
}

function streamFailure(code: string, error: Error, { firstByteMs }: Answered): Failure | undefined {
  if (error instanceof Http2Fault) return error.failure(firstByteMs > 0)
  if (error instanceof StreamFault) return { kind: 'protocol', message: error.message }
  return code === bodyThrew ? { kind: 'expect', message: error.message } : undefined
}

function protocolFailure(code: string, error: CodedError, { status, firstByteMs }: Answered): Failure | undefined {
  const words = protocolWords.get(code)
  if (words !== undefined) return { kind: 'protocol', message: `${code}: ${words}` }
  if (code === invalidStatusCode || code === invalidHead)
    return { kind: 'protocol', message: `invalid HTTP (${error.message})` }
  if (/^HPE_|HTTPParserError/.test(code)) return { kind: 'protocol', message: `invalid HTTP (${reasonOf(error)})` }
  if (firstByteMs === 0) return undefined
  if (code === 'ERR_ASSERTION') return { kind: 'protocol', message: 'invalid HTTP' }
  return code === 'UND_ERR_SOCKET' ? { kind: 'protocol', message: cutShort(status, error) } : undefined
}

/** Returns the message of the HTTP parser. undici puts this message in brackets at the end of its own message. */
function reasonOf({ message }: Error): string {
  return /\(([^()]+)\)$/.exec(message)?.[1] ?? message
}

/**
 * Returns the message for a connection that ended after a response had begun. undici closed the connection because of the received bytes, or the
 * target closed it.
 */
function cutShort(status: number, error: CodedError): string {
  if (error.message === 'bad upgrade') return 'the target switches to another protocol, which burst does not speak'
  if (error.message === 'bad response') return 'invalid HTTP (a response without a request)'
  return status === 0
    ? 'the target closed the connection before the response head was complete'
    : 'the target closed the connection before the body was complete'
}

function networkWords(code: string, error: Error): string {
  if (isTlsCode(code)) return `TLS failed: ${tlsWords(code, error)}`
  return plainWords.get(code) ?? shortMessage(error)
}

/**
 * Returns the innermost error. For example, a socket error of undici, or the error of several failed connection attempts, contains an error of the
 * system. Searches at most 8 levels, because an error that user code throws may be its own `cause`.
 */
function innermost(error: CodedError, levels = 8): CodedError {
  const inner = error.errors?.[0] ?? error.cause
  return inner instanceof Error && levels > 0 ? innermost(inner, levels - 1) : error
}

function shortMessage(error: Error): string {
  return error.message.slice(0, 10_000).replace(/\d{1,3}(\.\d{1,3}){3}(:\d+)?|\[[\da-f:]+\](:\d+)?/gi, '…')
}
