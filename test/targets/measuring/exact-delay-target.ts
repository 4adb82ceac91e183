import { type Socket, createServer } from 'node:net'
import { serveParent } from '../child.ts'
import { ended, listening } from '../server.ts'

interface ExactDelayOptions {
  /** The delay of the fast answers, in milliseconds. Default: 20. */
  fastMs?: number
  /** The delay of the slow answers, in milliseconds. Default: 200. */
  slowMs?: number
}

/**
 * The delays that the target has measured. A delay begins when the target has read the last byte of a request, and ends when the target writes the
 * answer. `count` and `slow` are numbers of requests. The other values are in milliseconds.
 */
export interface Truth {
  count: number
  slow: number
  p50: number
  p95: number
  p99: number
  max: number
}

interface ExactDelayTarget {
  origin: string
  truth(): Truth
  /**
   * Returns three numbers for each request: the number of the connection, the time of arrival (epoch milliseconds), and the time until the answer
   * (milliseconds). The requests are in the order of their answers.
   */
  log(): Float64Array
  close(): Promise<void>
}

/** Three of every fifty requests are slow (6 %). The slow requests have the same positions in each group of fifty requests. */
const slowPlaces = new Set([7, 24, 41])
/** During the last 2.5 ms of a delay, the target checks the time in each turn of the event loop, because a timer may fire 1 ms late. */
const turnByTurnMs = 2.5

/** Returns an answer that says how long the target took to answer, and which entry of the target's log describes the request. */
const answer = (tookMs: number, entry: number): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntook-ms: ${tookMs}\r\nlog-entry: ${entry}\r\ncontent-length: 11\r\n\r\n{"ok":true}`

interface Due {
  atMs: number
  fire(): void
}

/**
 * Answers each request (GET, no body, one at a time per connection) after exactly 20 ms (94 % of the requests) or 200 ms (6 %). The target implements
 * a minimum of HTTP on bare sockets. In the last milliseconds before an answer, the target checks the time in each turn of the event loop, so that
 * the delay is exact.
 */
async function startExactDelayTarget(options: ExactDelayOptions = {}): Promise<ExactDelayTarget> {
  const { fastMs = 20, slowMs = 200 } = options
  const taken: number[] = []
  const log: number[] = []
  const sockets = new Set<Socket>()
  const precisely = makeAlarm()
  let [turn, connections] = [0, 0]
  const receive = (socket: Socket, connection: number): void => {
    const from = performance.now()
    const wait = slowPlaces.has(turn++ % 50) ? slowMs : fastMs
    precisely({
      atMs: from + wait,
      fire: () => {
        const tookMs = performance.now() - from
        log.push(connection, performance.timeOrigin + from, tookMs)
        socket.write(answer(tookMs, taken.push(tookMs) - 1))
      },
    })
  }
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    const connection = connections++
    listen(socket, () => receive(socket, connection))
    socket.once('close', () => sockets.delete(socket))
  })
  const origin = await listening(server)
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return ended(server)
  }
  return {
    origin,
    truth: () => truthOf(taken, (fastMs + slowMs) / 2),
    log: () => Float64Array.from(log),
    close,
  }
}

function listen(socket: Socket, receive: () => void): void {
  let head = ''
  // A client may close its connection at any time.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1')
    if (!head.endsWith('\r\n\r\n')) return
    head = ''
    receive()
  })
}

/**
 * Sends each answer when its delay is over. First waits with a timer. Then checks the time in each turn of the event loop without blocking the loop,
 * so that new requests are read immediately.
 */
function makeAlarm(): (due: Due) => void {
  const soon = new Set<Due>()
  let turning = false
  const look = (): void => {
    const now = performance.now()
    for (const due of soon) {
      if (due.atMs > now) continue
      soon.delete(due)
      due.fire()
    }
    turning = soon.size > 0
    if (turning) setImmediate(look)
  }
  const near = (due: Due): void => {
    soon.add(due)
    if (!turning) look()
  }
  return (due) => {
    const left = due.atMs - performance.now() - turnByTurnMs
    if (left > 1) setTimeout(near, left, due)
    else near(due)
  }
}

function truthOf(taken: readonly number[], borderMs: number): Truth {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  const slow = sorted.filter((ms) => ms > borderMs).length
  return { count: sorted.length, slow, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

if (import.meta.main) await serveParent(startExactDelayTarget)
