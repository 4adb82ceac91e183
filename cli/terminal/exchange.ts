import { STATUS_CODES } from 'node:http'
import { grouped } from '../../core/words.ts'
import type { TraceEvent, TracedExchange } from '../../functions/worker/engine/protocol.ts'
import { length } from './figures.ts'
import { maskBody, maskHeader, maskUrl } from './secrets.ts'
import { clean, plainStyle, type Style } from './style.ts'

/** Characters of a body that are shown. */
const bodyCap = 2048
/** Characters of a header that are shown. */
const headerCap = 200

/** One thing that a user did, as a person reads it. */
export function renderTrace(event: TraceEvent, style: Style = plainStyle): string {
  if (event.kind === 'exchange') return `${renderExchange(event.exchange, style)}\n`
  if (event.kind === 'pause') return style.dim(`user ${event.user} pauses for ${length(event.ms)}\n`)
  return style.bold(`user ${event.user}, task ${clean(event.task)}\n`)
}

/** One exchange: who sent what, what came back; bodies shortened, secrets masked, binary only as its size. */
export function renderExchange(exchange: TracedExchange, style: Style = plainStyle): string {
  const { method, url, requestHeaders, requestBody, failure } = exchange
  return [
    style.bold(clean(exchange.name)),
    ...signed(style.cyan('> '), [`${clean(method)} ${clean(maskUrl(url))}`, ...parts(requestHeaders, requestBody)]),
    ...signed(style.cyan('< '), answer(exchange)),
    failure === null ? style.green('✓ ok') : style.red(`✗ ${clean(failure)}`),
  ].join('\n')
}

function answer({ status, latencyMs, responseHeaders, responseBody }: TracedExchange): string[] {
  if (status === 0) return [`no response after ${length(latencyMs)}`]
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  return [`${title} in ${length(latencyMs)}`, ...parts(responseHeaders, responseBody)]
}

function parts(headers: Readonly<Record<string, string>>, body: string | null): string[] {
  const lines = Object.entries(headers).map(
    ([name, value]) => `${clean(name)}: ${shortened(clean(maskHeader(name, value)), headerCap)}`,
  )
  return body === null || body === '' ? lines : [...lines, '', ...bodyLines(body)]
}

function bodyLines(body: string): string[] {
  return shortened(maskBody(body).trimEnd(), bodyCap).split(/\r?\n/).map(clean)
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}… (${grouped(text.length - most)} more characters)` : text
}

function signed(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`.trimEnd())
}
