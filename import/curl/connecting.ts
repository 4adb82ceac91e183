import { isIP } from 'node:net'
import { type Text, plainText } from '../requests/request.ts'
import { type Settings, proxyUrl } from '../requests/settings.ts'
import { type Applier, type Reading, left, shown } from './reading.ts'

/** Handles an option that names a TLS file. The file must be beside the script. */
function pem(option: string, key: 'ca' | 'cert' | 'key'): Applier {
  return (reading, value) => {
    const found = reading.command.path(shown(value))
    if (found !== null) reading.settings[key] = found
    else left(reading, `--${option} ${shown(value)}`, `the file does not exist; write tls: { ${key}: … } in scenario()`)
  }
}

function setting(settings: Settings): Applier {
  return (reading) => void Object.assign(reading.settings, settings)
}

/** Adds the client certificate from an argument such as `client.pem` or `client.pem:password`. */
function addCert(reading: Reading, value: Text): void {
  const [, path, password] = /^(.*?)(?<!^[A-Za-z]):(.*)$/s.exec(shown(value)) ?? [null, shown(value), undefined]
  if (password !== undefined) return left(reading, `--cert ${path}:…`, 'burst needs a key that is not encrypted')
  pem('cert', 'cert')(reading, value)
}

function addProxy(reading: Reading, value: Text): void {
  const text = plainText(value)
  if (text === '') return
  const found = text === null ? null : proxyUrl(text)
  if (!found) return left(reading, `--proxy ${hidden(shown(value))}`, 'pass an HTTP proxy to burst run with --proxy')
  reading.settings.proxy = found.url
  if (found.hasLogin)
    left(
      reading,
      `--proxy ${hidden(shown(value))}`,
      'put the user name and password into the URL that you pass to burst run --proxy',
    )
}

function hidden(text: string): string {
  return text.replace(/^([a-z][a-z\d+.-]*:\/\/)?[^@/]*@/i, '$1…@')
}

function addExceptions(reading: Reading, value: Text): void {
  reading.settings.except = shown(value)
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
}

function addAddress(reading: Reading, value: Text): void {
  const text = shown(value).replace(/^host!/, '')
  if (isIP(text) !== 0) reading.settings.localAddress = text
  else left(reading, `--interface ${text}`, 'set localAddress to an IP address in scenario()')
}

function addCertType(reading: Reading, value: Text): void {
  if (!/^pem$/i.test(shown(value))) left(reading, `--cert-type ${shown(value)}`, 'burst reads certificates in PEM')
}

/** The options that determine how curl connects. They become settings of the whole scenario. */
export const connecting: ReadonlyMap<string, Applier> = new Map<string, Applier>([
  ['insecure', setting({ insecure: true })],
  ['cacert', pem('cacert', 'ca')],
  ['cert', addCert],
  ['key', pem('key', 'key')],
  ['cert-type', addCertType],
  ['key-type', addCertType],
  ['tlsv1.2', setting({ minVersion: 'TLSv1.2' })],
  ['tlsv1.3', setting({ minVersion: 'TLSv1.3' })],
  ['http2', setting({ http2: 'auto' })],
  ['http2-prior-knowledge', setting({ http2: true })],
  ['proxy', addProxy],
  ['noproxy', addExceptions],
  ['interface', addAddress],
  ['ipv4', setting({ addressFamily: 'ipv4' })],
  ['ipv6', setting({ addressFamily: 'ipv6' })],
])
