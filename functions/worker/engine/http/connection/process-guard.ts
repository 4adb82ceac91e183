import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { Socket as DatagramSocket } from 'node:dgram'
import { type LookupFunction, Socket, isIP } from 'node:net'
import { nextTick } from '../../built-ins.ts'
import { type Targets, refused } from './targets.ts'

type Guard = Pick<Targets, 'refusal' | 'refusalOf'>
type Connect = (this: Socket, ...given: unknown[]) => Socket
type Send = (this: DatagramSocket, ...given: unknown[]) => void

/** Burst's own connections are judged before they are made, by the name of the host and not by its address. */
let own = false

/** Opens a connection that was judged already. It must be opened at once, not later. */
export function judged<T>(open: () => T): T {
  own = true
  try {
    return open()
  } finally {
    own = false
  }
}

/**
 * Holds every connection and datagram of this thread to the targets, whoever sends: `fetch`, `node:http`, `http2`, `tls`, any client
 * written for Node. To be called before the user's code is loaded. Not covered: processes that it starts, threads of its own, native
 * addons, and the asking of DNS itself.
 */
export function guardThread(targets: Guard): void {
  guardStreams(targets)
  guardDatagrams(targets)
}

function guardStreams(targets: Guard): void {
  const connect = Reflect.get(Socket.prototype, 'connect') as Connect
  Reflect.set(Socket.prototype, 'connect', function (this: Socket, ...given: unknown[]): Socket {
    if (own) return Reflect.apply<Socket, unknown[], Socket>(connect, this, given)
    const { options, rest } = asked(given)
    return Reflect.apply<Socket, unknown[], Socket>(connect, this, [held(options, targets), ...rest])
  } satisfies Connect)
}

/** The options, so that they lead to a target or fail as a name does that cannot be resolved. A copy: what is judged is what is used. */
function held(options: Options, targets: Guard): Options {
  const { path, host: wished, lookup: own, ...others } = options
  const host = textOf(wished) || 'localhost'
  const refusal = path
    ? refused('a local socket is not among the hosts that this stack may load')
    : targets.refusal(host)
  if (!refusal)
    return { ...others, host, lookup: guardedLookup((own as LookupFunction | undefined) ?? systemLookup, targets) }
  const refuse: LookupFunction = (_name, _options, callback) => nextTick(callback, refusal, [])
  return { port: 1, ...others, host: 'refused.invalid', lookup: refuse }
}

/** Node takes nothing else for an address. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

type Options = Record<string, unknown>

/** The ways to call `connect`: options, a port and a host, a path, or both of options and callback in a list, as Node's own code does. */
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
      // The content or the port comes first, a port or an offset may follow: a text after them is the address.
      const place = given.findLastIndex((one, k) => typeof one === 'string' && k >= (method === 'send' ? 2 : 1))
      if (place === -1 && isConnected(this)) return Reflect.apply(original, this, given) as undefined
      judgeAddress(this, place === -1 ? '' : String(given[place]), targets, (error, address) => {
        if (!error) Reflect.apply(original, this, place === -1 ? given : given.with(place, address))
        else tell(this, given, error)
      })
    } satisfies Send)
  }
}

/** Its address was judged when it was connected. */
function isConnected(socket: DatagramSocket): boolean {
  try {
    return socket.remoteAddress().address !== ''
  } catch {
    // What Node says of a socket that is not.
    return false
  }
}

function tell(socket: DatagramSocket, given: unknown[], error: Error): void {
  const callback = given.findLast((one) => typeof one === 'function')
  if (callback) (callback as (error: Error) => void)(error)
  else socket.emit('error', error)
}

/** Without an address a datagram goes to this machine itself. */
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
