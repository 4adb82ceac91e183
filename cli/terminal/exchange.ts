import { STATUS_CODES } from 'node:http'
import type { DebugBody, DebugExchange, DebugHeaders } from '../../core/exchange.ts'
import { length } from './figures.ts'
import { maskBody, maskHeader, maskUrl } from './secrets.ts'
import { grouped } from '../../core/words.ts'
import { clean, plainStyle, type Style } from './style.ts'

/** Characters of a body that are shown. */
const bodyCap = 2048
/** Characters of a header that are shown. */
const headerCap = 200

/** One exchange as a person reads it: who sent what, what came back; bodies shortened, secrets masked, binary only as its size. */
export function renderExchange(exchange: DebugExchange, style: Style = plainStyle): string {
  const { request, response } = exchange
  const title = `user ${exchange.user}, ${clean(exchange.task)}: ${clean(exchange.name)}`
  return [
    style.bold(title),
    ...indented(style.cyan('> '), [`${clean(request.method)} ${clean(maskUrl(request.url))}`, ...parts(request)]),
    ...indented(style.cyan('< '), answer(response)),
    exchange.outcome === 'ok' ? style.green('✓ ok') : style.red(`✗ ${clean(exchange.outcome)}`),
  ].join('\n')
}

function answer(response: DebugExchange['response']): string[] {
  if ('error' in response) return [`no response after ${length(response.ms)}: ${clean(response.error)}`]
  const reason = STATUS_CODES[response.status] ?? ''
  return [`${response.status} ${reason}`.trim() + ` in ${length(response.ms)}`, ...parts(response)]
}

function parts({ headers, body }: { headers: DebugHeaders; body: DebugBody }): string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${clean(name)}: ${shortened(clean(maskHeader(name, one)), headerCap)}`),
  )
  const shown = bodyLines(body)
  return shown.length > 0 ? [...lines, '', ...shown] : lines
}

function bodyLines(body: DebugBody): string[] {
  if (body === null || body.length === 0) return []
  const text = typeof body === 'string' ? body : textOf(body)
  if (text === undefined) return [`(binary, ${grouped(body.length)} bytes)`]
  return shortened(maskBody(text), bodyCap).split(/\r?\n/).map(clean)
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Not UTF-8: not text, as far as a terminal is concerned.
    return undefined
  }
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}… (${grouped(text.length - most)} more characters)` : text
}

function indented(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${sign}${line}`.trimEnd())
}
