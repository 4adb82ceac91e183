import type { LookupAddress } from 'node:dns'
import type { Socket } from 'node:net'
import { clearTimeout, performance, setTimeout } from '../../../../guard/built-ins.ts'
import { connectJudged } from '../../../../guard/process-guard.ts'

export interface DialInput {
  /** The addresses, at least one, in the order in which they are tried. */
  addresses: readonly LookupAddress[]
  port: number
  /** The local address of the connection; if it is undefined, the system chooses the address. */
  localAddress?: string | undefined
  /** If no address has answered after this time (in milliseconds), burst also tries the next address. */
  attemptDelayMs: number
  /** Receives every socket that is opened. */
  opened: (socket: Socket) => void
  /**
   * Reserves places for additional sockets. The caller has already reserved a place for the first socket. `take` returns false if no place is free.
   */
  further: { take: () => boolean; giveBack: () => void }
}

/** The connection that was established first. */
export interface Dialled {
  socket: Socket
  address: string
  /** The time, in milliseconds, that it took to connect to this address. */
  tookMs: number
  /** The addresses that failed, or that did not answer within twice `tookMs`. */
  lame: string[]
}

interface Attempt {
  address: string
  startedMs: number
}

/**
 * The error codes for an address that this machine cannot reach. If all addresses fail, burst prefers to report an error whose code is not in this
 * list.
 */
const unreachable = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

/**
 * Connects to the address that answers first (RFC 8305). The next address is tried when the current address fails or has not answered within
 * `attemptDelayMs`. Earlier attempts continue until one attempt succeeds. If no place is free for an additional socket, burst checks again after
 * another `attemptDelayMs`, and whenever an attempt fails. If no attempt is pending, the next address does not need an additional socket.
 */
export class Dial {
  readonly #input: DialInput
  readonly #done: (error: Error | null, dialled: Dialled | null) => void
  readonly #open = new Map<Socket, Attempt>()
  readonly #failed: string[] = []
  readonly #errors: NodeJS.ErrnoException[] = []
  #next = 0
  #further = 0
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(input: DialInput, done: (error: Error | null, dialled: Dialled | null) => void) {
    this.#input = input
    this.#done = done
    this.#tryNext()
  }

  /** Ends all pending attempts, without calling `done`. */
  abort(): void {
    this.#end()
  }

  readonly #tryNext = (): void => {
    clearTimeout(this.#timer)
    const { addresses, port, attemptDelayMs, opened, localAddress } = this.#input
    const address = addresses[this.#next]?.address
    if (address === undefined) return
    if (!this.#hasPlace()) {
      this.#timer = setTimeout(this.#tryNext, attemptDelayMs)
      return
    }
    this.#next++
    const socket = connectJudged({ ...socketOptions, host: address, port, localAddress })
    this.#open.set(socket, { address, startedMs: performance.now() })
    opened(socket)
    const lose = (error: NodeJS.ErrnoException): void => this.#lose(socket, error)
    socket.once('error', lose)
    socket.once('connect', () => {
      socket.off('error', lose)
      this.#win(socket)
    })
    if (this.#next < addresses.length) this.#timer = setTimeout(this.#tryNext, attemptDelayMs)
  }

  #hasPlace(): boolean {
    if (this.#open.size === 0) return true
    if (!this.#input.further.take()) return false
    this.#further++
    return true
  }

  /** Releases places until at most `most` places of additional sockets remain. The place of the first socket is not counted. */
  #keepFurther(most: number): void {
    for (; this.#further > most; this.#further--) this.#input.further.giveBack()
  }

  #win(socket: Socket): void {
    const attempt = this.#open.get(socket)
    if (this.#over || !attempt) return
    this.#open.delete(socket)
    const nowMs = performance.now()
    const tookMs = nowMs - attempt.startedMs
    const slow = [...this.#open.values()].filter(({ startedMs }) => nowMs - startedMs > 2 * tookMs)
    this.#end()
    const lame = [...this.#failed, ...slow.map(({ address }) => address)]
    this.#done(null, { socket, address: attempt.address, tookMs, lame })
  }

  #lose(socket: Socket, error: NodeJS.ErrnoException): void {
    const attempt = this.#open.get(socket)
    if (this.#over || !attempt) return
    this.#open.delete(socket)
    this.#keepFurther(Math.max(0, this.#open.size - 1))
    this.#failed.push(attempt.address)
    this.#errors.push(error)
    if (this.#next < this.#input.addresses.length) this.#tryNext()
    else if (this.#open.size === 0) {
      this.#end()
      this.#done(mostTelling(this.#errors), null)
    }
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    for (const socket of this.#open.keys()) socket.on('error', ignoreLoser).destroy()
    this.#open.clear()
    this.#keepFurther(0)
  }
}

/** The options with which undici opens its sockets. */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, highWaterMark: 64 * 1024 }

function mostTelling(errors: readonly NodeJS.ErrnoException[]): Error {
  return errors.findLast(({ code }) => !unreachable.has(code ?? '')) ?? (errors.at(-1) as Error)
}

function ignoreLoser(): void {
  // This attempt was abandoned: another connection succeeded, or the request has ended.
}
