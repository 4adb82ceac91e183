import { besidePath } from '../../requests/beside.ts'
import type { Settings } from '../../requests/settings.ts'
import { type Expr, type Stmt, call, burst, expression, member, method, self, str } from '../../scenario/code.ts'
import type { Field } from '../../scenario/model.ts'
import { openedFile } from '../http/files.ts'
import { type Frame, apiOf, constantOf, note } from '../frame.ts'
import { type Part, partNamed, partsOf } from '../http/objects.ts'
import type { Node } from '../syntax.ts'
import { durationText, numberIn, optionValue, secondsIn, textIn } from './values.ts'

/** The effects of the options on connections and on every request of a user. */
export interface Network {
  settings: Settings
  /** Static members that each user class gets. */
  statics: Field[]
  /** Statements at the beginning of `onStart`. */
  start: Stmt[]
  /** The minimum time between the beginning of a task and the beginning of the next task. */
  pace: Expr | null
}

type Reader = (network: Network, node: Node, place: { options: readonly Part[]; frame: Frame }) => void

/** Options that get no comment, because they have no effect in burst or because other code reads them. */
const silent = new Set(
  `scenarios stages vus duration iterations thresholds discardResponseBodies httpDebug summaryTrendStats summaryTimeUnit systemTags
  setupTimeout teardownTimeout paused batch batchPerHost noCookiesReset linger noUsageReport noSummary verbose cloud ext executionSegment
  executionSegmentSequence vusMax`.split(/\s+/),
)

const readers: Readonly<Record<string, Reader>> = {
  insecureSkipTLSVerify({ settings }, node, { frame }) {
    if (optionValue(node, frame) === true) settings.insecure = true
  },
  tlsAuth: readCertificate,
  tlsVersion: readVersion,
  hosts: noteHosts,
  dns: readDns,
  noConnectionReuse({ statics }, node, { frame }) {
    if (optionValue(node, frame) === true)
      statics.push({ name: 'connection', value: { k: 'as', of: str('close'), type: 'const' } })
  },
  userAgent({ start }, node, { frame, options }) {
    const text = textIn(options, 'userAgent', frame)
    if (text === null) return note(node, frame, 'the value of the option userAgent cannot be determined')
    start.push(expression(method(member(member(self, 'http'), 'headers'), 'set', str('user-agent'), str(text))))
  },
  minIterationDuration(network, node, { frame, options }) {
    const seconds = secondsIn(options, 'minIterationDuration', frame)
    if (seconds === null || seconds <= 0)
      return note(node, frame, 'the value of the option minIterationDuration cannot be translated')
    network.pace = call(burst('pacing'), str(durationText(seconds)))
  },
  maxRedirects(_network, node, { frame, options }) {
    const redirects = numberIn(options, 'maxRedirects', frame)
    if (redirects === null) return note(node, frame, 'the value of the option maxRedirects cannot be determined')
    frame.module.defaults.redirects = redirects
  },
}

/**
 * Reads the options that affect connections or every request of a user. Adds a comment for each option that is not translated, except for the options
 * in `silent` and for empty values.
 */
export function networkOf(options: readonly Part[], frame: Frame): Network {
  const network: Network = { settings: {}, statics: [], start: [], pace: null }
  for (const part of options) {
    if (!('key' in part) || silent.has(part.key) || partNamed(options, part.key) !== part.value) continue
    const read = Object.hasOwn(readers, part.key) ? readers[part.key] : undefined
    if (read) read(network, part.value, { options, frame })
    else if (!isEmpty(part.value)) note(part.value, frame, `the option ${part.key} is not translated`)
  }
  return network
}

function isEmpty(node: Node): boolean {
  if (node.type === 'Literal') return node.value === false || node.value === null
  return (
    (node.type === 'ArrayExpression' && node.elements.length === 0) ||
    (node.type === 'ObjectExpression' && node.properties.length === 0)
  )
}

/** Translates `tlsAuth: [{ domains, cert: open('cert.pem'), key: open('key.pem') }]`. */
function readCertificate({ settings }: Network, node: Node, { frame }: { frame: Frame }): void {
  const list = constantOf(node, frame) ?? node
  if (list.type !== 'ArrayExpression' || list.elements.length === 0) return
  const [first] = list.elements
  const parts = first && first.type !== 'SpreadElement' ? partsOf(first, frame) : null
  const [cert, key] = ['cert', 'key'].map((name) => pemPath(parts && partNamed(parts, name), frame))
  const isPlain = parts !== null && partNamed(parts, 'password') === null && list.elements.length === 1
  if (isPlain && cert && key) Object.assign(settings, { cert, key })
  else note(node, frame, 'write tls: { cert, key } with two files in scenario(), or this.http.tls for each user')
}

/** Returns the path of a file beside the script; null if the file is missing. */
function pemPath(node: Node | null, frame: Frame): string | null {
  const path = node && openedFile(node, frame)
  return path === null ? null : besidePath(path, frame.module)
}

/** Translates `'tls1.3'`, `http.TLS_1_3` or `{ min, max }`. */
function readVersion({ settings }: Network, node: Node, { frame }: { frame: Frame }): void {
  const parts = partsOf(node, frame)
  const least = parts ? partNamed(parts, 'min') : node
  const [, version] = /1[._]([23])$/.exec(least ? versionText(least, frame) : '') ?? []
  if (version !== undefined) settings.minVersion = version === '3' ? 'TLSv1.3' : 'TLSv1.2'
  if (version === undefined || (parts && partNamed(parts, 'max')))
    note(node, frame, 'write tls: { minVersion } in scenario(); burst has no setting for the maximum version')
}

function versionText(node: Node, frame: Frame): string {
  return String(optionValue(node, frame) ?? apiOf(node, frame) ?? '')
}

function noteHosts(_network: Network, node: Node, { frame }: { frame: Frame }): void {
  for (const part of partsOf(node, frame) ?? []) {
    if (!('key' in part)) continue
    const [, host = '', port = '443'] = /^(.*?)(?::(\d+))?$/.exec(part.key) ?? []
    const address = String(optionValue(part.value, frame) ?? '<address>')
    note(part.value, frame, `pass --resolve ${host}:${port}:${address} to burst run`)
  }
}

const policies: Readonly<Record<string, string>> = {
  preferIPv4: 'ipv4-first',
  preferIPv6: 'ipv6-first',
  onlyIPv4: 'ipv4',
  onlyIPv6: 'ipv6',
}

/** Translates `dns: { ttl: '1m', select: 'random', policy: 'preferIPv4' }`. */
function readDns({ settings }: Network, node: Node, { frame }: { frame: Frame }): void {
  const parts = partsOf(node, frame)
  if (!parts) return note(node, frame, 'the value of the option dns cannot be determined')
  const ttl = textIn(parts, 'ttl', frame)
  const seconds = secondsIn(parts, 'ttl', frame)
  if (ttl === 'inf') settings.dns = 'once'
  else if (ttl === '0' || seconds === 0) settings.dns = 'per-connection'
  else if (seconds !== null) settings.dns = durationText(seconds)
  const policy = textIn(parts, 'policy', frame) ?? ''
  if (Object.hasOwn(policies, policy)) settings.addressFamily = policies[policy] ?? ''
}
