import * as v from 'valibot'
import { text, textCaps, upTo } from '../input/bounds.ts'
import { durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { bareHost, hostAndPort } from './host-literal.ts'
import { inWords } from '../values-in-words.ts'
import { few, grouped, span } from '../words.ts'

/** The maximum number of entries in each of two lists: the hosts that are reached without a proxy, and the places in `--resolve`. */
const mostEntries = 1_000

const name = text(textCaps.key)
const port = upTo(65_535)
const proxy = v.strictObject({ host: name, port })

export const networkSchema = v.strictObject({
  /** One proxy for each scheme of a target, and the hosts that are reached without a proxy. */
  proxies: v.exactOptional(
    v.strictObject({
      http: v.exactOptional(proxy),
      https: v.exactOptional(proxy),
      except: v.pipe(v.array(name), v.maxLength(mostEntries)),
    }),
  ),
  /** Addresses that burst uses instead of the DNS answer. */
  resolve: v.exactOptional(
    v.pipe(v.array(v.strictObject({ host: name, port, addresses: v.array(name) })), v.maxLength(mostEntries)),
  ),
  localAddress: v.exactOptional(name),
  addressFamily: v.exactOptional(v.picklist(['ipv4', 'ipv6', 'ipv4-first', 'ipv6-first'])),
  /** The time in milliseconds for which a DNS answer is used; null: the whole run; 0: only one connection. Default 30 s. */
  dnsMs: v.exactOptional(v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)))),
})
/** The network options of connections. An absent option has its default value. */
export type Network = v.InferOutput<typeof networkSchema>
export type AddressFamily = NonNullable<Network['addressFamily']>

/** The proxies that the user wants. `userinfo` maps the scheme of a target (`http`, `https`) to the percent-encoded `user:password` of the proxy. */
export interface WishedProxies {
  proxies: NonNullable<Network['proxies']>
  userinfo: Record<string, string>
}

const proxyHint = "write it like 'http://proxy.example.com:3128', with user:password@ if the proxy requires credentials"

/**
 * Parses the URL of a proxy such as `http://user:password@proxy:3128`. If the URL has no scheme, the scheme is `http`.
 * @param what names the URL in messages
 * @throws BurstError (104) when the string is not the URL of an HTTP proxy. The message does not contain the URL, because the URL may contain a
 * password.
 */
function parseProxy(given: string, what: string): { host: string; port: number; userinfo: string } {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`)
  // Refuses a URL with line breaks or tabs, because the URL parser would silently remove these characters.
  if (!url || url.hostname === '' || /[\t\n\r]/.test(given))
    throw invalidInput(`${what} is not a URL`, { hint: proxyHint })
  const complaint = complaintAbout(url)
  if (complaint !== undefined) throw invalidInput(`${what} ${complaint}`, { hint: proxyHint })
  const userinfo = url.username + url.password === '' ? '' : `${url.username}:${url.password}`
  return { host: bareHost(url.hostname), port: url.port === '' ? 80 : Number(url.port), userinfo }
}

function complaintAbout({ protocol, port, pathname, search, hash }: URL): string | undefined {
  if (protocol !== 'http:') return `begins with ${protocol}//, and burst supports only http:// proxies`
  if (port === '0') return 'has port 0, to which no connection is possible'
  return pathname + search + hash === '/' ? undefined : 'has a path, a query or a fragment'
}

/**
 * Returns network options with one proxy for all targets.
 * @throws BurstError (104) when `given` is not the URL of an HTTP proxy
 */
export function oneProxy(given: string, what: string, except: readonly string[] = []): WishedProxies {
  return proxiesOf({ http: given, https: given }, what, except)
}

/**
 * Returns the proxies in the environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case.
 * @throws BurstError (104) when no proxy is set, when burst does not support a proxy that is set, or when `NO_PROXY` has too many entries
 */
export function proxiesOfEnvironment(env: Readonly<Record<string, string | undefined>>): WishedProxies {
  const value = (key: string): string => env[key] ?? env[key.toUpperCase()] ?? ''
  const http = value('http_proxy') || value('all_proxy')
  const https = value('https_proxy') || value('all_proxy')
  if (http + https === '') {
    throw invalidInput('--proxy is env, but HTTP_PROXY, HTTPS_PROXY and ALL_PROXY are not set', {
      hint: 'set one of these variables, or omit --proxy',
    })
  }
  const except = value('no_proxy')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
  if (except.length > mostEntries) {
    throw invalidInput(`NO_PROXY has ${grouped(except.length)} entries`, {
      hint: `give at most ${grouped(mostEntries)}`,
    })
  }
  return proxiesOf({ http, https }, 'the proxy in the environment variables', except)
}

function proxiesOf(given: Record<'http' | 'https', string>, what: string, except: readonly string[]): WishedProxies {
  const wished: WishedProxies = { proxies: { except: [...except] }, userinfo: {} }
  for (const scheme of ['http', 'https'] as const) {
    if (given[scheme] === '') continue
    const { userinfo, ...place } = parseProxy(given[scheme], what)
    wished.proxies[scheme] = place
    if (userinfo !== '') wished.userinfo[scheme] = userinfo
  }
  return wished
}

/**
 * Parses `shop.example.com:443:10.0.0.5`, the format of curl's `--resolve`. Several addresses are separated by commas; IPv6 addresses may
 * be in brackets.
 * @throws BurstError (104) for any other format
 */
export function parseResolve(given: string): NonNullable<Network['resolve']>[number] {
  const [, host = '', digits = '', rest = ''] = /^(\[[\da-f:.]+\]|[^:[\]\s]+):(\d{1,5}):(\S+)$/i.exec(given) ?? []
  const addresses = rest.split(',').map(bareHost)
  const isRight = host !== '' && isPort(Number(digits)) && addresses.every(isAddress)
  if (isRight) return { host: bareHost(host), port: Number(digits), addresses }
  throw invalidInput(`--resolve is ${inWords(given)}`, {
    hint: 'write host:port:address, like --resolve shop.example.com:443:10.0.0.5',
  })
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535
}

/** Returns whether a string is an IP address, without brackets. */
export function isAddress(given: string): boolean {
  const parts = given.split('.')
  if (/^[\d.]+$/.test(given))
    return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
  return given.includes(':') && URL.canParse(`http://[${given}]`)
}

/**
 * Converts `'once'`, `'per-connection'` or a duration to `dnsMs`.
 * @throws BurstError (104) for any other value
 */
export function dnsMsOf(given: unknown): number | null {
  if (given === 'once') return null
  if (given === 'per-connection') return 0
  return durationMs(given as never, "'dns' of scenario()")
}

const families: Record<AddressFamily, string> = {
  ipv4: 'only IPv4 addresses are used',
  ipv6: 'only IPv6 addresses are used',
  'ipv4-first': 'IPv4 addresses are tried first',
  'ipv6-first': 'IPv6 addresses are tried first',
}

/** Returns one line for each network option that is set. For `resolve`, returns one line for each place. */
export function networkWords(network: Network | undefined): string[] {
  const { proxies, resolve, localAddress, addressFamily, dnsMs } = network ?? {}
  return [
    ...(proxies ? [proxyWords(proxies)] : []),
    ...(resolve ?? []).map(({ host, port, addresses }) => `${hostAndPort(host, port)} is at ${few(addresses)}`),
    ...(localAddress === undefined ? [] : [`connections are opened from ${localAddress}`]),
    ...(addressFamily === undefined ? [] : [families[addressFamily]]),
    ...(dnsMs === undefined ? [] : [dnsWords(dnsMs)]),
  ]
}

function proxyWords({ http, https, except }: NonNullable<Network['proxies']>): string {
  const places = [
    ...new Set([http, https].filter((one) => one !== undefined).map(({ host, port }) => hostAndPort(host, port))),
  ]
  const which = http && https ? '' : http ? ', for http://' : ', for https://'
  return `through the proxy ${places.join(' and ')}${which}${except.length === 0 ? '' : `, except ${few(except)}`}`
}

function dnsWords(dnsMs: number | null): string {
  if (dnsMs === null) return 'each host name is looked up once'
  return dnsMs === 0
    ? 'the host name is looked up for each connection'
    : `host names are looked up again after ${span(dnsMs)}`
}
