import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveParent } from '../child.ts'

interface ReferenceOptions {
  /** The target: http://host:port. */
  origin: string
  /** The number of connections; each sends one request at a time. Default: 20. */
  users?: number
  /** The pause after each response, in milliseconds. Default: 200. */
  pauseMs?: number
}

/**
 * The latencies that an independent client measures at its sockets, in milliseconds. A latency is the time from the write of a request until the
 * first bytes of its response are read.
 */
export interface Reference {
  count: number
  p50: number
  p95: number
  p99: number
}

interface ReferenceClient {
  origin: string
  /** Ends the client and returns its measurements. */
  finish(): Promise<Reference>
  close(): Promise<void>
}

/**
 * Measures a target with bare sockets, as simply as possible. A latency that this client measures is longer than the delay that the target records.
 * The difference is the round-trip time on this machine. The latencies of every client contain this round-trip time.
 */
async function startReferenceClient({ origin, users = 20, pauseMs = 200 }: ReferenceOptions): Promise<ReferenceClient> {
  const { hostname, host, port } = new URL(origin)
  const request = `GET /reference HTTP/1.1\r\nhost: ${host}\r\n\r\n`
  const taken: number[] = []
  const end = new AbortController()
  const live = async (index: number): Promise<void> => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    await sleep((index * pauseMs) / users)
    while (!end.signal.aborted) {
      const fromMs = performance.now()
      socket.write(request)
      await once(socket, 'data')
      taken.push(performance.now() - fromMs)
      await sleep(pauseMs)
    }
    socket.destroy()
  }
  const lives = Promise.all(Array.from({ length: users }, (_, index) => live(index)))
  const finish = async (): Promise<Reference> => {
    end.abort()
    await lives
    const sorted = taken.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }
  return { origin, finish, close: async () => void (await finish()) }
}

if (import.meta.main) await serveParent((options) => startReferenceClient(options as ReferenceOptions))
