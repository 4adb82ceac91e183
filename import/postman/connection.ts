import { type Folder, besidePath } from '../requests/beside.ts'
import { at, textAt } from '../requests/bodies/json.ts'
import { type Settings, proxyUrl } from '../requests/settings.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Item } from './item.ts'

/**
 * The settings of the scenario that correspond to the connection settings of a request. A connection setting that has no counterpart becomes a
 * comment.
 */
export interface Connection {
  settings: Settings
  notes: string[]
}

/** Translates the connection settings of a request: the client certificate, the proxy and `strictSSL: false`. */
export function connectionOf({ request, behavior, place }: Item, folder: Folder): Connection {
  const found: Connection = { settings: {}, notes: [] }
  if (at(behavior, 'strictSSL') === false || at(behavior, 'disableSSLVerification') === true)
    found.settings.insecure = true
  addCertificate(found, at(request, 'certificate'), { place, folder })
  addProxy(found, at(request, 'proxy'), place)
  return found
}

function addCertificate(
  { settings, notes }: Connection,
  certificate: unknown,
  { place, folder }: { place: string; folder: Folder },
): void {
  const [cert, key] = [textAt(certificate, 'cert', 'src'), textAt(certificate, 'key', 'src')]
  if (cert === '') return
  const paths = [besidePath(cert, folder), besidePath(key || cert, folder)] as const
  const [certPath, keyPath] = paths
  if (certPath === null || keyPath === null || textAt(certificate, 'passphrase') !== '') {
    const why =
      'put both files beside the scenario, remove the passphrase of the key, and write tls: { cert, key } in scenario()'
    notes.push(todoAbout(place, cert, why))
    return
  }
  settings.cert = certPath
  settings.key = keyPath
}

function addProxy({ settings, notes }: Connection, proxy: unknown, place: string): void {
  const host = textAt(proxy, 'host')
  if (host === '' || at(proxy, 'disabled') === true) return
  const port = textAt(proxy, 'port')
  const found = proxyUrl(`${host}${port === '' ? '' : `:${port}`}`)
  if (found) settings.proxy = found.url
  else notes.push(todoAbout(place, `proxy ${host}`, 'pass an HTTP proxy to burst run with --proxy'))
}
