import type { WebSocketData } from '../../../../core/authoring/requests/web-socket.ts'
import { withoutUserinfo } from '../../../../core/hosts/userinfo.ts'
import { inWords, isRecord, refuseUnknown } from '../../../../core/values-in-words.ts'
import { bytesOf } from '../http/bodies/multipart.ts'
import { jsonText } from '../http/sending/request-body.ts'
import { checkedTimeoutMs } from '../http/sending/request-checks.ts'

const defaultTimeoutMs = 60_000
/** The options of `this.ws()`. */
const openingOptions = ['name', 'headers', 'protocols', 'params', 'query', 'auth', 'timeout']
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * Checks the address of a connection.
 * @returns the route of the opening request, with `http` instead of `ws`
 * @throws TypeError when the address is not a path or a URL with the scheme ws, wss, http or https
 */
export function openingRoute(url: unknown): string {
  const text = url instanceof URL ? url.href : url
  if (typeof text === 'string' && text.startsWith('/')) return text
  if (typeof text === 'string' && /^(ws|http)s?:\/\//i.test(text)) return text.replace(/^ws/i, 'http')
  const shown = typeof text === 'string' ? `'${withoutUserinfo(text).slice(0, 12)}…'` : inWords(url)
  throw new TypeError(
    `ws() was given ${shown}; it takes a path such as '/chat', or a URL that begins with 'ws://' or 'wss://'`,
  )
}

/**
 * Checks the options of a connection.
 * @returns the subprotocols that the user offers; an empty list if the option `protocols` is not given
 * @throws TypeError when the options are not an object, an option is unknown, or `protocols` is not a name or a list of different names
 */
export function checkedProtocols(options: unknown): string[] {
  if (options === undefined) return []
  if (!isRecord(options)) throw new TypeError(`the options of ws() are ${inWords(options)}; they must be an object`)
  refuseUnknown(options, openingOptions, 'ws()')
  const protocols = [options['protocols'] ?? []].flat()
  const isRight = protocols.every((one) => typeof one === 'string' && token.test(one))
  if (isRight && new Set(protocols).size === protocols.length) return protocols as string[]
  throw new TypeError(`protocols is ${inWords(options['protocols'])}; it must be a name, or a list of different names`)
}

/**
 * Converts the argument of `send` to a message.
 * @throws TypeError when the argument cannot be sent
 */
export function checkedData(data: WebSocketData): string | Buffer {
  if (typeof data === 'string') return data
  // The bytes are copied, because the scenario may change them before burst writes them.
  const bytes = bytesOf(data)
  if (bytes) return Buffer.from(bytes)
  if (isRecord(data) && Object.hasOwn(data, 'json')) return jsonMessage(data['json'])
  throw new TypeError(`send() was given ${inWords(data)}; it takes a string, bytes or { json }`)
}

function jsonMessage(value: unknown): string {
  const text = jsonText(value)
  if (text === undefined) throw new TypeError(`json is ${inWords(value)}, which JSON cannot represent`)
  return text
}

/**
 * Checks the options of `expect`.
 * @returns the timeout (default 60 s) and the name
 * @throws TypeError when an option is unknown or invalid
 */
export function checkedExpectOptions(options: unknown): { timeoutMs: number; name: string | undefined } {
  if (options === undefined) return { timeoutMs: defaultTimeoutMs, name: undefined }
  if (!isRecord(options))
    throw new TypeError(`the options of expect() are ${inWords(options)}; they must be { timeout, name }`)
  refuseUnknown(options, ['timeout', 'name'], 'expect()')
  const { timeout, name } = options
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new TypeError(`name is ${inWords(name)}; it must be a string: the name that the report shows`)
  }
  return { timeoutMs: timeout === undefined ? defaultTimeoutMs : checkedTimeoutMs(timeout as never), name }
}
