/** The counts for one target and one protocol. They include only users that may speak HTTP/2. */
export interface ProtocolCell {
  /** An origin, e.g. `https://shop.example.com`. */
  target: string
  protocol: 'HTTP/1.1' | 'HTTP/2'
  connections: number
  /** The number of requests written over HTTP/2. */
  streams: number
}

export function emptyProtocolCell(target: string, protocol: ProtocolCell['protocol']): ProtocolCell {
  return { target, protocol, connections: 0, streams: 0 }
}

/** The maximum number of separate rows. Each row contains the counts for one target and one protocol. */
export const mostTargets = 100
/** The target in the row for all further targets. Each protocol has one such row. */
export const otherTargets = '(other targets)'
