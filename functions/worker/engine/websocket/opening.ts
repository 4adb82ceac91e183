import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { clearTimeout, performance, setTimeout } from '../../../guard/built-ins.ts'
import { bareHost } from '../../../../core/hosts/host-literal.ts'
import { milliseconds } from '../../../../core/words.ts'
import type { CallPlan } from '../http/chain.ts'
import { servernameOf } from '../http/connection/connections.ts'
import type { Connecting } from '../http/connection/connector.ts'
import { longestHead } from '../http/connection/wire.ts'
import { type Failure, failureOf } from '../http/failure.ts'
import { type End, Operation } from './operation.ts'
import type { SocketContext } from './services.ts'

/**
 * The maximum size of a message, in bytes and in fragments. burst closes the connection if a message is larger: with code 1009 if the message has too
 * many bytes, and with code 1008 if the message has too many fragments.
 */
const largestMessage = 4 * 1024 * 1024
const mostFragments = 16_384
/** The time, in milliseconds, within which the target must confirm that a connection is closed. */
const closeTimeoutMs = 10_000
/**
 * burst stops reading the body of a failed response as soon as at least this number of bytes has arrived. The report shows the beginning of such a
 * body in its examples.
 */
const failedBodyBytes = 1024
/** The longest wait for the body of a failed response, in milliseconds. */
const failedBodyMs = 100
const switched = 101

/** An open connection, and its socket. */
export interface Opened {
  socket: WebSocket
  raw: Socket
}

interface Order<C> {
  plan: CallPlan
  protocols: string[]
  /** Creates the connection object for the user. */
  made: (opened: Opened) => C
}

/** The opening of a connection: DNS, TCP, TLS, and the HTTP request to switch to WebSocket. The opening counts as a request. */
export class Opening<C> extends Operation<C> {
  readonly #order: Order<C>
  #connecting: Connecting | undefined
  #raw: Socket | undefined
  #socket: WebSocket | undefined

  constructor(order: Order<C>, context: SocketContext, calledMs: number) {
    super(order.plan, context, calledMs)
    this.#order = order
    this.#connect()
  }

  override timeOut(): void {
    this.#fail({ kind: 'timeout', message: `the connection did not open within ${milliseconds(this.plan.timeoutMs)}` })
  }

  protected override release(): void {
    this.#connecting?.abort()
    this.#socket?.terminate()
    this.#raw?.destroy()
  }

  #connect(): void {
    const { origin } = this.outgoing
    const { hostname, host, protocol, port } = new URL(origin)
    const { maker, connections } = this.context
    const { security } = connections
    const connect = maker.connectorFor((connecting) => {
      this.#connecting = connecting
      connecting.tunnelled = true
    }, security)
    const servername = servernameOf(origin, maker.isHome(origin) ? security.servername : undefined)
    const options = {
      hostname: bareHost(hostname),
      host,
      protocol,
      port,
      ...(servername !== undefined && { servername }),
    }
    connect(options, (...[error, socket]) => {
      if (error) this.#failBy(error)
      else this.#ask(socket)
    })
  }

  #ask(raw: Socket): void {
    this.#raw = raw
    if (this.over) return void raw.destroy()
    const connecting = this.#connecting as Connecting
    this.exchange.phases = connecting.phases
    const writingMs = performance.now()
    this.sendLagMs = Math.max(0, writingMs - connecting.phases.readyMs)
    try {
      this.#socket = this.#request(raw)
    } catch (error) {
      return this.#failBy(error as Error)
    }
    this.exchange.sentMs = writingMs
    this.hops = 1
    this.context.meter.wrote(1)
    this.#listen(this.#socket, raw)
  }

  #request(raw: Socket): WebSocket {
    const { origin, path } = this.outgoing
    return new WebSocket(origin.replace(/^http/, 'ws') + path, this.#order.protocols, {
      createConnection: () => raw,
      headers: headersFor(this.outgoing.headers),
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: largestMessage,
      maxHeaderSize: longestHead,
      maxFragments: mostFragments,
      // `ws` need not limit the number of pieces in which a message arrives, because burst limits the memory of the pieces.
      maxBufferedChunks: 0,
      closeTimeout: closeTimeoutMs,
    } as ConstructorParameters<typeof WebSocket>[2])
  }

  #listen(socket: WebSocket, raw: Socket): void {
    socket.once('upgrade', (response) => this.#answered(response))
    // The connection object is created immediately, because messages may arrive before the user is resumed.
    socket.once('open', () => {
      const endMs = performance.now()
      if (!this.over) this.#done(endMs, { status: switched, failure: null, value: this.#order.made({ socket, raw }) })
    })
    socket.once('unexpected-response', (request, response) => this.#declined(request, response))
    socket.once('error', (error) => this.#failBy(error))
    socket.on('error', ignoreLater)
  }

  #answered({ headers }: IncomingMessage): void {
    this.exchange.firstByteMs = performance.now()
    this.exchange.headers = headers
    this.context.cookies.store(headers['set-cookie'], this.url)
  }

  /** Called when the target answers with a status other than 101. */
  #declined(request: ClientRequest, response: IncomingMessage): void {
    this.#answered(response)
    const chunks: Buffer[] = []
    const end = (): void => {
      clearTimeout(timer)
      this.exchange.chunks = chunks
      request.destroy()
      this.#fail(declinedWith(response.statusCode ?? 0), response.statusCode)
    }
    const timer = setTimeout(end, failedBodyMs)
    response.on('data', (chunk: Buffer) => {
      if (this.exchange.bytesIn < failedBodyBytes) chunks.push(chunk)
      this.exchange.bytesIn += chunk.length
      if (this.exchange.bytesIn >= failedBodyBytes) end()
    })
    response.once('end', end)
    response.once('error', end)
  }

  #failBy(error: Error): void {
    this.#fail(failureIn(this.#connecting?.alert ?? error))
  }

  #fail(failure: Failure, status = 0): void {
    this.#done(performance.now(), { status, failure })
  }

  #done(endMs: number, end: End<C>): void {
    if (this.over) return
    this.finish(endMs, end)
    this.context.ready.push(endMs, (lagMs) => this.context.asUser(this.context.user, () => this.settle(lagMs)))
  }
}

/** The error messages for the limits of `ws`, by error code. */
const limits = new Map([
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'a message is larger than 4 MiB, the maximum that burst accepts'],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 'a message has more than 16,384 fragments, the maximum that burst accepts'],
])

/** Returns the failure of a connection: a failure of the network, a violation of the protocol, or a limit of burst. */
export function failureIn(error: Error): Failure {
  const { code = '' } = error as NodeJS.ErrnoException
  const limit = limits.get(code)
  if (limit !== undefined) return { kind: 'generator', message: limit }
  const isProtocol = code.startsWith('WS_ERR_') || /^(Invalid|Server sent|Unexpected) /.test(error.message)
  return isProtocol
    ? { kind: 'protocol', message: `invalid WebSocket (${error.message})` }
    : failureOf(error, { status: 0, firstByteMs: 0 })
}

function declinedWith(status: number): Failure {
  if (status >= 400) return { kind: 'status', message: `HTTP ${status}` }
  return { kind: 'protocol', message: `expected a switch to WebSocket (101), got ${status}` }
}

/** Returns the headers of the opening request, without the headers for the connection, because `ws` sets these headers itself. */
function headersFor(headers: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)))
}

const own = new Set([
  'connection',
  'upgrade',
  'keep-alive',
  'transfer-encoding',
  'te',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
])

function ignoreLater(): void {
  // Ignores the error: the failure has already been counted, and `close` follows.
}
