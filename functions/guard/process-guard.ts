import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { Socket as DatagramSocket } from 'node:dgram'
import { type LookupFunction, Socket, type SocketConstructorOpts, isIP } from 'node:net'
import { nextTick } from './built-ins.ts'
import { type Targets, refused } from './targets.ts'

type Guard = Pick<Targets, 'refusal' | 'refusalOf'>
type Connect = (this: Socket, ...given: unknown[]) => Socket
type Send = (this: DatagramSocket, ...given: unknown[]) => void

/** Node's original functions, saved because the scenario may replace them later. */
const OwnSocket = Socket
const connect = Reflect.get(Socket.prototype, 'connect') as Connect
const { apply } = Reflect

/** Opens a connection for burst itself. The caller has already checked the host and its address, so this function does not check them again. */
export function connectJudged(
  options: SocketConstructorOpts & { host: string; port: number; localAddress?: string | undefined },
): Socket {
  const socket = new OwnSocket(options)
  apply<Socket, unknown[], Socket>(connect, socket, [options])
  return socket
}

/**
 * Checks every connection and datagram of this thread against the targets, for all clients: `fetch`, `node:http`, `http2`, `tls`, and any client
 * written for Node. Must be called before the user's code is loaded. In a local run, burst does not call this function, so the user's code may
 * connect to any address. Not covered: processes and threads that the code starts, native addons, and DNS queries themselves.
 */
export function guardThread(targets: Guard): void {
  guardStreams(targets)
  guardDatagrams(targets)
}

function guardStreams(targets: Guard): void {
  Reflect.set(Socket.prototype, 'connect', function (this: Socket, ...given: unknown[]): Socket {
    const { options, rest } = asked(given)
    return Reflect.apply<Socket, unknown[], Socket>(connect, this, [held(options, targets), ...rest])
  } satisfies Connect)
}

/**
 * Copies the options, so that the connection uses exactly the options that were checked. If the targets do not allow the host, the connection fails
 * as if the name could not be resolved.
 */
function held(options: Options, targets: Guard): Options {
  const { path, host: wished, lookup: own, ...others } = options
  const host = textOf(wished) || 'localhost'
  const refusal = path
    ? refused('a local socket is not among the hosts that this stack may load-test')
    : targets.refusal(host)
  if (!refusal)
    return { ...others, host, lookup: guardedLookup((own as LookupFunction | undefined) ?? systemLookup, targets) }
  const refuse: LookupFunction = (_name, _options, callback) => nextTick(callback, refusal, [])
  return { port: 1, ...others, host: 'refused.invalid', lookup: refuse }
}

/** Returns a value as the name of a host. Returns '' for a value that is not a string, because Node accepts only strings. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

type Options = Record<string, unknown>

/**
 * Normalises the arguments of `connect`. Like Node, accepts four forms: options; a port with an optional host; a path; an array that contains options
 * and a callback.
 */
function asked(given: unknown[]): { options: Options; rest: unknown[] } {
  const [first, ...others] = given
  if (Array.isArray(first)) return { options: first[0] as Options, rest: [first[1]] }
  if (typeof first === 'object' && first !== null) return { options: first as Options, rest: others }
  if (typeof first === 'string' && !(Number(first) >= 0)) return { options: { path: first }, rest: others }
  if (typeof others[0] !== 'string') return { options: { port: first }, rest: others }
  return { options: { port: first, host: others[0] }, rest: others.slice(1) }
}

function guardedLookup(lookup: LookupFunction, targets: Guard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }: LookupAddress) => address) : [found]
      const refusal = error ? undefined : targets.refusalOf(hostname, addresses)
      if (refusal) callback(refusal, [])
      else callback(error, found, family)
    })
  }
}

function guardDatagrams(targets: Guard): void {
  for (const method of ['send', 'connect'] as const) {
    const original = Reflect.get(DatagramSocket.prototype, method) as Send
    Reflect.set(DatagramSocket.prototype, method, function (this: DatagramSocket, ...given: unknown[]): void {
      // The first argument is the content (for `send`) or the port (for `connect`). The address is a later argument, and is a string. Offsets or a
      // port may come before it.
      const place = given.findLastIndex((one, k) => typeof one === 'string' && k >= (method === 'send' ? 2 : 1))
      if (method === 'connect') connecting.add(this)
      else if (place === -1 && goesToPeer(this, given)) return Reflect.apply(original, this, given) as undefined
      judgeAddress(this, place === -1 ? '' : String(given[place]), targets, (error, address) => {
        if (!error) Reflect.apply(original, this, place === -1 ? given : given.with(place, address))
        else tell(this, given, error)
      })
    } satisfies Send)
  }
}

/** The sockets for which `connect` was called. Their addresses were checked in that call. */
const connecting = new WeakSet<DatagramSocket>()

/**
 * Returns whether a datagram without an address is sent to the peer of its socket. Returns `false` if `connect` was never called for the socket. If
 * the socket is not connected yet, returns `true` only for a datagram that also has no port. Node throws an error for a datagram without a port.
 */
function goesToPeer(socket: DatagramSocket, given: readonly unknown[]): boolean {
  if (!connecting.has(socket)) return false
  return isConnected(socket) || given.slice(1).every((one) => typeof one === 'function')
}

function isConnected(socket: DatagramSocket): boolean {
  try {
    return socket.remoteAddress().address !== ''
  } catch {
    // `remoteAddress` throws if the socket is not connected.
    return false
  }
}

function tell(socket: DatagramSocket, given: unknown[], error: Error): void {
  const callback = given.findLast((one) => typeof one === 'function')
  if (callback) (callback as (error: Error) => void)(error)
  else socket.emit('error', error)
}

/** Checks an address and calls `done`, with an error if the address is not allowed. An empty address means this machine. */
function judgeAddress(
  socket: DatagramSocket,
  address: string,
  targets: Guard,
  done: (error: Error | null, address: string) => void,
): void {
  const host = address === '' ? 'localhost' : address
  const refusal = targets.refusal(host)
  if (refusal) nextTick(done, refusal, '')
  else if (isIP(host) !== 0) done(null, host)
  else {
    const family = (Reflect.get(socket, 'type') as string) === 'udp6' ? 6 : 4
    systemLookup(host, family, (error, found) => done(error ?? targets.refusalOf(host, [found]) ?? null, found))
  }
}
