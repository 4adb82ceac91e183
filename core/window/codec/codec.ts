import { decode, unreadable } from '../../input/decode.ts'
import { messageSchema, windowSchema } from './codec-schema.ts'
import { CompactHistogram } from '../histograms/compact.ts'
import { encodeCompact } from './compact-codec.ts'
import { Distribution } from '../histograms/distribution.ts'
import { encodeDistribution } from '../histograms/histogram.ts'
import { encodeStored } from './stored-counts.ts'
import type { Window } from '../window.ts'
import type { WindowMessage } from '../message.ts'

export { histogramText } from '../histograms/histogram.ts'

/** The maximum number of characters of a message. burst does not read longer messages. SQS accepts messages of up to 1 MiB. */
const messageCap = 1_048_576

/**
 * Encodes a window as JSON. A map becomes an array of `[key, value]`. Windows with equal content are encoded to the same string, even if their counts
 * were merged in a different order.
 */
export function encodeWindow(window: Window): string {
  return JSON.stringify(window, plain)
}

/**
 * Encodes a window in the form that reducers store. Windows with equal content are encoded to the same string, even if their counts were merged in a
 * different order.
 */
export function encodeStoredWindow(window: Window): string {
  return JSON.stringify(window, stored)
}

/**
 * Decodes a window from a worker or a reducer.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decodeWindow(text: string): Window {
  return decode(windowSchema, text, 'a window')
}

export function encodeMessage(message: WindowMessage): string {
  return JSON.stringify(message, plain)
}

/**
 * Decodes a message from any string.
 * @throws BurstError (97) when the string is too long, or when it is not a valid message. In the second case, the error names the fault and its place
 * in the JSON.
 */
export function decodeMessage(text: string): WindowMessage {
  if (text.length > messageCap)
    throw unreadable('a message', `it has ${text.length} characters, more than ${messageCap}`)
  return decode(messageSchema, text, 'a message')
}

/** A replacer for `JSON.stringify`. Writes a map as rows sorted by key, and a distribution as an `EncodedDistribution`. Omits empty distributions. */
export function plain(_key: string, value: unknown): unknown {
  return value instanceof Distribution ? encodeDistribution(value) : rowsOf(value)
}

/** A replacer like `plain`, but for the form in which reducers store windows. Reducers read and write this form at each merge. */
export function stored(_key: string, value: unknown): unknown {
  return value instanceof Distribution ? encodeStored(value) : rowsOf(value)
}

function rowsOf(value: unknown): unknown {
  if (typeof value !== 'object') return value
  if (value instanceof CompactHistogram) return encodeCompact(value)
  if (!(value instanceof Map)) return value
  return [...(value as Map<string | number, unknown>)].toSorted(([a], [b]) => (a < b ? -1 : 1))
}
