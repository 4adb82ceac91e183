import { BlockList, type Socket, isIP } from 'node:net'
import { bareHost, hostAndPort } from '../../../../../core/hosts/host-literal.ts'
import type { Network } from '../../../../../core/hosts/network.ts'
import { userinfoOf } from '../sending/credentials.ts'

/** An HTTP proxy. */
export interface Proxy {
  readonly hostname: string
  readonly port: number
  /** The value of the `proxy-authorization` header. */
  readonly authorization: string | undefined
  /** The host and the port of the proxy, for messages. */
  readonly shown: string
}

/** The scheme, host and port to which a connection leads. */
interface Target {
  protocol: string
  hostname: string
  port: number
}

/** The proxies of a run. */
export class Proxies {
  readonly #http: Proxy | null
  readonly #https: Proxy | null
  readonly #except: readonly string[]

  constructor(
    { http, https, except }: NonNullable<Network['proxies']>,
    userinfo: Readonly<Record<string, string>> = {},
  ) {
    this.#http = http ? proxyOf(http, userinfo['http']) : null
    this.#https = https ? proxyOf(https, userinfo['https']) : null
    this.#except = except
  }

  /** Returns the proxy through which a target is reached; null if it is reached directly. */
  for(target: Target): Proxy | null {
    const proxy = target.protocol === 'https:' ? this.#https : this.#http
    return proxy === null || this.#except.some((entry) => isExcepted(entry, target)) ? null : proxy
  }
}

function proxyOf({ host, port }: { host: string; port: number }, userinfo: string | undefined): Proxy {
  const authorization = userinfo === undefined ? undefined : userinfoOf(`http://${userinfo}@proxy`).authorization
  return { hostname: bareHost(host), port, authorization, shown: hostAndPort(host, port) }
}

/**
 * Returns whether an entry of `NO_PROXY` contains the target. As in curl, an entry is `*`, a host (which includes its subdomains), an address or a
 * network. All entries except `*` may have a port.
 */
function isExcepted(entry: string, { hostname, port }: Target): boolean {
  if (entry === '*') return true
  const [written, wantedPort] = hostAndPortIn(entry)
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false
  const name = bareHost(written).replace(/^\*?\./, '')
  const host = bareHost(hostname)
  return name.includes('/') ? isInNetwork(name, host) : name !== '' && isAtOrBelow(host, name)
}

/** Returns the host, address or network of an entry, and its port. An IPv6 address has a port only if it is in brackets. */
function hostAndPortIn(entry: string): [host: string, port: string | undefined] {
  const [, inBrackets, bits = '', bracketPort] = /^\[([^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(entry) ?? []
  if (inBrackets !== undefined) return [inBrackets + bits, bracketPort]
  if (isIP(entry.split('/')[0] ?? '') === 6) return [entry, undefined]
  const [, host = '', port] = /^([^:]*)(?::(\d+))?$/.exec(entry) ?? []
  return [host, port]
}

function isAtOrBelow(host: string, name: string): boolean {
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

function isInNetwork(network: string, address: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(address)) return false
  const [type, most] = family === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const)
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return false
  const list = new BlockList()
  list.addSubnet(base, Number(bits), type)
  return list.check(address, type)
}

/** The maximum number of bytes that a proxy may send before the head of its response to CONNECT ends. */
const longestAnswer = 16 * 1024
const endOfHead = '\r\n\r\n'

/** The code of the error when a proxy does not open a tunnel. */
export const proxyCode = 'BURST_PROXY'

/**
 * Asks a proxy for a tunnel to a target. Calls `done` once: with null if the tunnel is open, otherwise with the error. If the proxy refuses the
 * tunnel, the socket is destroyed.
 */
export function openTunnel(
  socket: Socket,
  { proxy, target }: { proxy: Proxy; target: string },
  done: (error: Error | null) => void,
): void {
  let answer: Buffer = Buffer.alloc(0)
  const end = (error: Error | null): void => {
    socket.off('readable', read).off('end', ended).off('error', end).off('close', ended)
    done(error)
  }
  const refuse = (why: string): void => {
    end(Object.assign(new Error(`the proxy ${proxy.shown} ${why}`), { code: proxyCode }))
    socket.destroy()
  }
  const ended = (): void => refuse('closed the connection before it answered CONNECT')
  const read = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      answer = Buffer.concat([answer, chunk])
    }
    answer = withoutInterim(answer)
    const headEnd = answer.indexOf(endOfHead)
    const status = statusIn(answer)
    if (headEnd === -1 && answer.length <= longestAnswer) return
    if (status === undefined) return refuse('did not answer CONNECT with HTTP')
    if (headEnd === -1) return refuse('answered CONNECT with more than 16 KiB of headers')
    if (!status.startsWith('2')) return refuse(`answered CONNECT with ${status}${hintOf(status)}`)
    // Bytes that follow the head of the proxy's response are put back into the socket, because they come from the target. Some targets send before
    // they receive a request, for example an HTTP/2 target without TLS.
    const rest = answer.subarray(headEnd + endOfHead.length)
    if (rest.length > 0) socket.unshift(rest)
    end(null)
  }
  socket.on('readable', read).on('end', ended).on('error', end).on('close', ended)
  const authorization = proxy.authorization === undefined ? '' : `proxy-authorization: ${proxy.authorization}\r\n`
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization}\r\n`)
}

function statusIn(answer: Buffer): string | undefined {
  return /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString('latin1', 0, 16))?.[1]
}

/** Removes complete interim responses (1xx), which may precede the final response (RFC 9110 §15.2). */
function withoutInterim(answer: Buffer): Buffer {
  let rest = answer
  for (
    let end = rest.indexOf(endOfHead);
    end !== -1 && statusIn(rest)?.startsWith('1');
    end = rest.indexOf(endOfHead)
  ) {
    rest = rest.subarray(end + endOfHead.length)
  }
  return rest
}

function hintOf(status: string): string {
  if (status === '407') return ': it requires a user name and a password, as in http://user:password@proxy:3128'
  return status === '403' ? ': it does not allow connections to this host' : ''
}

interface Sent {
  origin: string
  path: string
  headers: Record<string, string | string[]>
}

/**
 * Returns the request target and the headers of a request that is sent to a proxy. In such a request, the request target is the whole URL (RFC 9112
 * §3.2.2).
 */
export function throughProxy({ origin, path, headers }: Sent, { authorization }: Proxy): Omit<Sent, 'origin'> {
  const added = authorization === undefined ? {} : { 'proxy-authorization': authorization }
  return { path: origin + path, headers: { ...headers, ...added } }
}
