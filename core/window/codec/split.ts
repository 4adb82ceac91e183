import { encodeMessage, plain } from './codec.ts'
import { addTotals, totalsOf } from '../totals.ts'
import { type Window, emptyWindow } from '../window.ts'
import type { WindowMessage } from '../message.ts'

/** The default maximum size of a message in bytes. This size is below the SQS limit of 1 MiB, because the queue adds attributes. */
export const messageBytes = 900_000

/** The sections that can become large, because their size depends on the scenario. The other sections of a window are small and are not split. */
const sections = ['requests', 'errors', 'exceptions', 'metrics', 'iterations', 'steps', 'checks', 'notices'] as const
type Section = (typeof sections)[number]

/**
 * Makes one message from a worker's counts. If this message would exceed `maxBytes` in UTF-8, makes several messages with consecutive sequence
 * numbers instead. Each message contains the running totals of all messages up to and including this message. Only the last message can be final.
 * Only the last message contains the seconds, users, arrivals, secured connections, protocols and the worker's health.
 */
export function splitMessage(
  message: Omit<WindowMessage, 'sequence'>,
  firstSequence: number,
  maxBytes: number = messageBytes,
): WindowMessage[] {
  const whole = { ...message, sequence: firstSequence }
  if (bytesOf(encodeMessage(whole)) <= maxBytes) return [whole]
  const contents = partsOf(message, maxBytes)
  const { handedOver: _, ...early } = message
  const parts: WindowMessage[] = []
  let totals = message.totals
  // Computes the totals backwards from the last message, because only the totals of the last message are known.
  for (let index = contents.length - 1; index >= 0; index--) {
    const content = contents[index] as Window
    const isLast = index === contents.length - 1
    const envelope = isLast ? message : { ...early, final: false, failure: null }
    parts.unshift({ ...envelope, content, totals, sequence: firstSequence + index })
    totals = addTotals(totals, totalsOf(content), -1)
  }
  return parts
}

function partsOf(message: Omit<WindowMessage, 'sequence'>, maxBytes: number): Window[] {
  const { seconds, arrivals, users, workers, secured, protocols } = message.content
  const last = { ...emptyWindow(), seconds, arrivals, users, workers, secured, protocols }
  // The size of a message with an empty window, plus a reserve of 256 bytes, because later messages have longer sequence numbers and larger totals.
  const frame = bytesOf(encodeMessage({ ...message, content: emptyWindow(), sequence: 0 })) + 256
  const parts: Window[] = []
  let room = 0
  for (const { section, key, cell, bytes } of rowsOf(message.content)) {
    if (bytes > room) {
      parts.push(emptyWindow())
      room = maxBytes - frame
    }
    const rows = parts.at(-1)?.[section] as Map<string, unknown>
    rows.set(key, cell)
    room -= bytes
  }
  return [...parts, last]
}

interface Row {
  section: Section
  key: string
  cell: unknown
  bytes: number
}

function* rowsOf(content: Window): Generator<Row> {
  for (const section of sections) {
    for (const [key, cell] of content[section]) {
      yield { section, key, cell, bytes: bytesOf(JSON.stringify([key, cell], plain)) + 1 }
    }
  }
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  return encoder.encode(text).length
}
