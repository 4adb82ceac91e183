import { STATUS_CODES } from 'node:http'
import type { TraceEvent, TracedExchange, TracedHop } from '../../functions/worker/engine/protocol.ts'
import { echoMasker } from './header-secrets.ts'
import { maskBody, maskHeader, maskUrl } from './mask.ts'
import { clean, plainStyle, type Style } from './style.ts'
import { counted, grouped, milliseconds } from '../../core/words.ts'

/** The maximum number of shown characters of a body. */
const bodyCap = 2048
/** The maximum number of shown characters of a header. */
const headerCap = 200

/** Formats one action of a user. */
export function renderTrace(event: TraceEvent, style: Style = plainStyle): string {
  if (event.kind === 'exchange') return `${renderExchange(event.exchange, style)}\n`
  if (event.kind === 'message') return `${messageLines(event, style)}\n`
  if (event.kind === 'pause') return style.dim(`user ${event.user} pauses for ${milliseconds(event.ms)}\n`)
  if (event.kind === 'hook') return style.bold(`user ${event.user}, ${hookWords[event.hook]}\n`)
  return style.bold(`user ${event.user}, task ${clean(event.task)}\n`)
}

const hookWords = { onStart: 'onStart', onStop: 'onStop', stop: 'leaves with this.stop()' }

/** Formats an exchange: request and response. Bodies are shortened, secrets are masked, and a binary body is shown by its size. */
export function renderExchange(exchange: TracedExchange, style: Style = plainStyle): string {
  const { failure, redirects } = exchange
  if (exchange.isRoundTrip === true) return renderRoundTrip(exchange, style)
  const chain =
    redirects.length === 0
      ? ''
      : `, ${counted(redirects.length, 'redirect')}, ${milliseconds(exchange.latencyMs)} in total`
  const hops = [...redirects, exchange]
  const masked = echoMasker(hops)
  return [
    style.bold(clean(exchange.name)),
    ...hops.flatMap((hop) => hopLines(hop, style, masked)),
    failure === null ? style.green(`✓ ok${chain}`) : style.red(`✗ ${clean(masked(maskBody(failure)))}${chain}`),
  ].join('\n')
}

/** Returns one line with the result of a round trip. The messages of the round trip were already shown when they were sent and received. */
function renderRoundTrip({ name, failure, latencyMs }: TracedExchange, style: Style): string {
  const outcome = failure === null ? `✓ answered in ${milliseconds(latencyMs)}` : `✗ ${clean(maskBody(failure))}`
  return `${style.bold(clean(name))}\n${failure === null ? style.green(outcome) : style.red(outcome)}`
}

function messageLines({ name, way, text }: Extract<TraceEvent, { kind: 'message' }>, style: Style): string {
  const title = `message ${way === 'sent' ? 'to' : 'from'} ${clean(name)}`
  return [style.bold(title), ...signed(style.cyan(way === 'sent' ? '> ' : '< '), bodyLines(text))].join('\n')
}

type Masked = (text: string) => string

function hopLines(hop: TracedHop, style: Style, masked: Masked): string[] {
  const { method, url, requestHeaders, requestBody } = hop
  const title = `${clean(method)} ${clean(masked(maskUrl(url)))}`
  return [
    ...signed(style.cyan('> '), [title, ...parts(requestHeaders, requestBody, masked)]),
    ...signed(style.cyan('< '), answer(hop, masked)),
  ]
}

function answer({ status, hopMs, responseHeaders, responseBody }: TracedHop, masked: Masked): string[] {
  if (status === 0) return [`no response after ${milliseconds(hopMs)}`]
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  return [`${title} in ${milliseconds(hopMs)}`, ...parts(responseHeaders, responseBody, masked)]
}

function parts(headers: TracedHop['requestHeaders'], body: string | null, masked: Masked): string[] {
  // Each value of a header has its own line, because `maskHeader` expects a single value.
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${clean(name)}: ${shortened(clean(masked(maskHeader(name, value))), headerCap)}`),
  )
  return body === null || body === '' ? lines : [...lines, '', ...bodyLines(body, masked)]
}

function bodyLines(body: string, masked: Masked = (text) => text): string[] {
  return shortened(masked(maskBody(body)).trimEnd(), bodyCap)
    .split(/\r?\n/)
    .map(clean)
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}… (${grouped(text.length - most)} more characters)` : text
}

function signed(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`.trimEnd())
}
