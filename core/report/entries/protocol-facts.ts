import * as v from 'valibot'
import { count, described } from '../../verdict/results.ts'
import type { Window } from '../../window/window.ts'
import { counted } from '../../words.ts'

export const protocolEntry = v.object({
  target: described(v.string(), 'An origin, e.g. https://shop.example.com.'),
  protocol: v.picklist(['HTTP/1.1', 'HTTP/2']),
  connections: count,
  streams: described(
    count,
    'The number of requests that were sent over HTTP/2. Each of these requests had its own stream.',
  ),
})
type ProtocolEntry = v.InferOutput<typeof protocolEntry>

/**
 * Returns the protocols that users with the option `http2` used. Entries with more streams come first. If two entries have the same number of
 * streams, the entry with more connections comes first. Returns an empty object if no such user opened a connection.
 */
export function protocolFacts({ protocols }: Pick<Window, 'protocols'>): { protocols?: ProtocolEntry[] } {
  if (protocols.size === 0) return {}
  const listed = [...protocols.values()].map((cell) => ({ ...cell }))
  return { protocols: listed.toSorted(byUse) }
}

function byUse(a: ProtocolEntry, b: ProtocolEntry): number {
  const order = a.target === b.target ? a.protocol > b.protocol : a.target > b.target
  return b.streams - a.streams || b.connections - a.connections || (order ? 1 : -1)
}

/** The maximum number of targets in the sentence. */
const mostTargets = 3

/** Returns a sentence for the report, e.g. `HTTP/2 to https://shop.example.com: 340 streams on 12 connections`. */
export function protocolsInWords(entries: readonly ProtocolEntry[]): string {
  const shown = entries.slice(0, mostTargets).map(({ target, protocol, connections, streams }) => {
    const on = counted(connections, 'connection')
    return `${protocol} to ${target}: ${protocol === 'HTTP/2' ? `${counted(streams, 'stream')} on ${on}` : on}`
  })
  const more = entries.length - shown.length
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
