import { besidePath } from '../../requests/beside.ts'
import { proxyUrl } from '../../requests/settings.ts'
import { todoFor } from '../code/context.ts'
import type { Frame } from '../frame.ts'
import type { Py } from '../python/syntax.ts'

/**
 * Translates `verify`, `cert` and `proxies`, which can be arguments or members of the client, to settings of the scenario. Returns true for these
 * three names. A value without a counterpart becomes a comment.
 */
export function setConnection(name: string, value: Py, frame: Frame): boolean {
  if (value.t === 'none') return name === 'verify' || name === 'cert' || name === 'proxies'
  const found = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (!found) return false
  const why = found(value, frame)
  if (why !== null) frame.before.push(todoFor(frame, value, why))
  return true
}

/** Applies the value of a setting. If the value has no counterpart, returns the reason; otherwise returns null. */
type Reader = (value: Py, frame: Frame) => string | null

const readers: Readonly<Record<string, Reader>> = {
  verify(value, frame) {
    const { settings } = frame.module
    if (value.t === 'bool') {
      if (!value.value) settings.insecure = true
      return null
    }
    const path = pem(value, frame)
    if (path === null) return 'write tls: { ca } in scenario()'
    settings.ca = path
    return null
  },
  cert(value, frame) {
    const [cert, key] = value.t === 'tuple' || value.t === 'list' ? value.items : [value, value]
    const paths = [cert, key].map((one) => (one ? pem(one, frame) : null))
    const [certPath, keyPath] = paths
    if (!certPath || !keyPath) return 'write tls: { cert, key } in scenario()'
    Object.assign(frame.module.settings, { cert: certPath, key: keyPath })
    return null
  },
  proxies(value, frame) {
    const entries = value.t === 'dict' ? value.entries : []
    const urls = entries.flatMap((entry) => (entry.value.t === 'str' ? [entry.value.value] : []))
    const found = urls.length === entries.length && urls.length > 0 ? urls.map(proxyUrl) : []
    const [first] = found
    if (!first || found.some((one) => one?.url !== first.url || one.hasLogin))
      return 'pass the proxy to burst run with --proxy'
    frame.module.settings.proxy = first.url
    return null
  },
}

/** Returns the path of a file beside the locustfile. */
function pem(value: Py, { module }: Frame): string | null {
  const known = value.t === 'name' ? module.values.get(value.id) : undefined
  const path = value.t === 'str' ? value.value : known?.k === 'str' ? known.value : null
  return path === null ? null : besidePath(path, module)
}
