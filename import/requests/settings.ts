import { type Entry, type Expr, array, bool, object, str } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'

/** The connection settings of the whole scenario. Paths of files are relative to the scenario. */
export interface Settings {
  insecure?: true
  ca?: string
  cert?: string
  key?: string
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** The URL of an HTTP proxy, without a password. */
  proxy?: string
  /** Hosts that are reached without the proxy. */
  except?: readonly string[]
  localAddress?: string
  addressFamily?: string
  dns?: string
  http2?: true | 'auto'
}

/** Returns the settings as options of `scenario()`. */
export function settingsEntries({ insecure, ca, cert, key, minVersion, ...more }: Settings): Entry[] {
  const tls: Entry[] = [
    ...entry('ca', ca),
    ...(cert === undefined ? [] : [...entry('cert', cert), ...entry('key', key ?? cert)]),
    ...(insecure ? [{ key: 'insecure', value: bool(true) }] : []),
    ...entry('minVersion', minVersion),
  ]
  const { proxy, except = [], localAddress, addressFamily, dns, http2 } = more
  return [
    ...(tls.length > 0 ? [{ key: 'tls', value: object(tls) }] : []),
    ...(proxy === undefined ? [] : [{ key: 'proxy', value: proxyExpr(proxy, except) }]),
    ...entry('localAddress', localAddress),
    ...entry('addressFamily', addressFamily),
    ...entry('dns', dns),
    ...(http2 === undefined ? [] : [{ key: 'http2', value: http2 === true ? bool(true) : str(http2) }]),
  ]
}

function entry(key: string, value: string | undefined): Entry[] {
  return value === undefined ? [] : [{ key, value: str(value) }]
}

function proxyExpr(url: string, except: readonly string[]): Expr {
  if (except.length === 0) return str(url)
  return object([
    { key: 'url', value: str(url) },
    { key: 'except', value: array(except.map(str)) },
  ])
}

/** Combines the settings of all requests. If requests have different values for a setting, the first of these values is used. */
export function joinedSettings(all: readonly Settings[]): Settings {
  return Object.assign({}, ...all.toReversed()) as Settings
}

/**
 * Returns a comment about settings that only some of the requests have. Returns an empty list if all requests have the same settings, even if the
 * values differ.
 */
export function partialNotes(place: string, all: readonly Settings[]): string[] {
  const keys = [...new Set(all.flatMap((one) => Object.keys(one)))]
  const some = keys.filter((key) => !all.every((one) => Object.hasOwn(one, key)))
  const why = `only some of the requests set ${some.join(', ')}; the scenario sets ${some.length === 1 ? 'it' : 'them'} for all requests`
  return some.length === 0 ? [] : [todoAbout(place, '', why)]
}

/**
 * Returns the URL of a proxy without its user name and password; null if the URL does not name an HTTP proxy. `hasLogin` is true if the URL had a
 * user name or password.
 */
export function proxyUrl(text: string): { url: string; hasLogin: boolean } | null {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.parse(whole)
  if (url?.protocol !== 'http:' || url.hostname === '') return null
  return { url: url.origin, hasLogin: url.username !== '' || url.password !== '' }
}
