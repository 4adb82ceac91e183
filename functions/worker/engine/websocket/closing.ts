import { inWords } from '../../../../core/values-in-words.ts'
import type { Failure } from '../http/failure.ts'
import type { Opened } from './opening.ts'

/** How a connection was closed. */
export interface Closing {
  /**
   * The close code (RFC 6455 §7.4). 1005 means that the close frame contained no code. 1006 means that the connection ended without a close frame.
   */
  code: number
  reason: string
  /**
   * `atMs` is the time, on the engine's clock, at which the connection was closed. `unreadMs` is the longest time, in milliseconds, for which the
   * bytes of the close may have waited unread.
   */
  atMs: number
  unreadMs: number
  /** The error that occurred before the connection was closed; null if no error occurred. */
  error: Failure | null
  /** The failure that is counted for the close; null if the close does not count as a failure. */
  failure: Failure | null
}

/** The codes with which a target closes a connection normally: normal closure, going away, no code. */
const orderly = new Set([1000, 1001, 1005])
const lost = 1006

const names = new Map([
  [1002, 'protocol error'],
  [1003, 'unsupported data'],
  [1007, 'invalid data'],
  [1008, 'policy violation'],
  [1009, 'message too big'],
  [1010, 'extension missing'],
  [1011, 'internal error'],
  [1012, 'service restart'],
  [1013, 'try again later'],
  [1014, 'bad gateway'],
])

/**
 * Makes the connection end as soon as the target sends a close frame or an invalid frame, because the target may never close its side. When such a
 * frame arrives, `ws` calls `socket.close`, so this function replaces `socket.close`. Returns the original method, with which burst closes the
 * connection itself.
 */
export function endWithTarget({ socket, raw }: Opened): (code: number, reason?: string) => void {
  const close = socket.close.bind(socket)
  socket.close = (...given) => {
    close(...given)
    raw.destroySoon()
  }
  return close
}

/** Returns the failure for a close that the scenario did not request; null if the target closed the connection normally. */
export function failureOfClosing(closing: Omit<Closing, 'failure'>): Failure | null {
  const { code, error } = closing
  if (orderly.has(code)) return null
  if (error) return { kind: error.kind, message: `closed with ${code}: ${error.message}` }
  return { kind: code === lost ? 'network' : 'protocol', message: closingWords(closing) }
}

export function closingWords({ code, reason }: Pick<Closing, 'code' | 'reason'>): string {
  if (code === lost) return 'closed with 1006: the connection ended without a close frame'
  const words = reason === '' ? names.get(code) : reason
  return `closed by the target with ${code}${words === undefined ? '' : `: ${words}`}`
}

/**
 * Returns the name of a close code in a metric. The number of names is limited. Therefore all codes from 3000 to 3999 share the name 3xxx, and all
 * codes from 4000 to 4999 share the name 4xxx.
 */
export function codeName(code: number): string {
  return code < 3000 ? String(code) : `${Math.floor(code / 1000)}xxx`
}

/**
 * Checks the arguments of `close`.
 * @throws TypeError when a connection cannot be closed with this code and reason
 */
export function checkClosing(code: unknown, reason: unknown): void {
  const mayBeSent =
    typeof code === 'number' && Number.isInteger(code) && (code === 1000 || (code >= 3000 && code < 5000))
  if (!mayBeSent)
    throw new TypeError(`the code of close() is ${inWords(code)}; it must be 1000, or a number from 3000 to 4999`)
  if (typeof reason === 'string' && Buffer.byteLength(reason) <= 123) return
  throw new TypeError(`the reason of close() is ${inWords(reason)}; it must be a string of at most 123 bytes`)
}
