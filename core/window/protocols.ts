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

/** The maximum number of targets that are counted separately for each protocol. */
export const mostTargets = 100
/** The name of the row that counts all other targets. */
export const otherTargets = '(other targets)'
