import { marks } from '../../../../core/authoring/seat.ts'
import type { FailureKind } from '../../../../core/window/window.ts'
import { refusedCode } from './targets.ts'

/** Why a request failed: what the report's failure rows are made of. The message has nothing in it that differs from request to request. */
export interface Failure {
  kind: FailureKind
  message: string
}

/** Ends a task without being an exception: its request has been counted already, or the user is being stopped. */
export class TaskEnd extends Error {
  override readonly name = 'TaskEnd'
  readonly [marks.taskEnd] = true
}

/** Ends a task that burst cuts off: it has neither passed nor failed. */
export class CutOff extends TaskEnd {
  constructor(message = 'the user was stopped') {
    super(message)
  }
}

/** Ends a task because its user leaves, as it wants to: the task has passed. */
export class UserLeft extends TaskEnd {
  constructor() {
    super('the user left with this.stop()')
  }
}

/** User code may throw what cannot even be looked at; a task's end can. */
export function isCutOff(thrown: unknown): boolean {
  return isTaskEnd(thrown) && thrown instanceof CutOff
}

export function isUserLeft(thrown: unknown): boolean {
  return isTaskEnd(thrown) && thrown instanceof UserLeft
}

export function isTaskEnd(thrown: unknown): boolean {
  return isMarked(thrown, marks.taskEnd)
}

export function isExhausted(thrown: unknown): boolean {
  return isMarked(thrown, marks.exhausted)
}

/** User code may throw anything, also a proxy that throws when it is looked at. */
function isMarked(thrown: unknown, mark: symbol): boolean {
  try {
    return typeof thrown === 'object' && thrown !== null && mark in thrown
  } catch {
    return false
  }
}

/** Faults on this side: no descriptors, ports, buffers or memory left. Not the target's doing. */
const generatorCodes = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EAGAIN'])

const plainWords: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the target',
  EPIPE: 'connection closed by the target',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host lookup failed for now',
  ETIMEDOUT: 'connecting timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  UND_ERR_SOCKET: 'connection closed by the target',
  UND_ERR_CONNECT_TIMEOUT: 'connecting timed out',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is not as long as content-length says',
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
}

interface CodedError extends Error {
  code?: string
  errors?: CodedError[]
}

/** Names an error of the network or of undici. */
export function failureOf(error: unknown): Failure {
  const coded = innermost(error as CodedError)
  const code = coded.code ?? coded.name
  if (code === refusedCode) return { kind: 'refused', message: coded.message }
  if (generatorCodes.has(code)) return { kind: 'generator', message: `${code}: the generator has no resources left` }
  return protocolFailure(code) ?? { kind: 'network', message: `${code}: ${networkWords(code, coded)}` }
}

function protocolFailure(code: string): Failure | undefined {
  if (/^HPE_|HTTPParserError/.test(code)) return { kind: 'protocol', message: `no valid HTTP (${code})` }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return { kind: 'protocol', message: `${code}: ${plainWords[code] ?? ''}` }
  return undefined
}

function networkWords(code: string, error: Error): string {
  if (/CERT|SSL|TLS|ALTNAME/i.test(code)) return 'TLS failed'
  return plainWords[code] ?? shortMessage(error)
}

/** The error below wrappers: happy-eyeballs failures and undici's socket errors keep the system's error inside. */
function innermost(error: CodedError): CodedError {
  const inner = error.errors?.[0] ?? error.cause
  return inner instanceof Error ? innermost(inner) : error
}

function shortMessage(error: Error): string {
  return error.message.replace(/\d{1,3}(\.\d{1,3}){3}(:\d+)?|\[[\da-f:]+\](:\d+)?/gi, '…').slice(0, 200)
}
