import { invalidInput } from '../../../core/errors.ts'

/** The time limit for a receiver to accept a message, milliseconds. */
export const patienceMs = 5000

/** The number of bytes of a response that are read. */
const answerBytes = 4096

/** Headers that describe the message or its connection. burst sets them itself. */
const ownHeaders = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-prometheus-remote-write-version',
])

/** An option that names a receiver. */
export interface ReceiverOption {
  flag: string
  /** A valid URL; its path is the default path. */
  example: string
  /** The part of the hint that says where credentials belong. */
  credentials: string
}

/**
 * Parses the URL of a receiver. If the URL has no path, the default path is added.
 * @throws BurstError (104) when it is not an http or https URL, or contains credentials
 */
export function receiverUrl(text: string, { flag, example, credentials }: ReceiverOption): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidInput(`${flag} is not the URL of a receiver`, {
      hint: `give one like ${flag} ${example}; ${credentials}`,
    })
  }
  if (url.pathname === '/') url.pathname = new URL(example).pathname
  return url
}

/**
 * Parses the headers of an environment variable: `name=value,name=value`, values percent-encoded.
 * @throws BurstError (104); its message does not contain the values, because they may be secret
 */
export function receiverHeaders(text: string, variable: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  const headers = headersOf(pairs, variable)
  const own = [...headers.keys()].find((name) => ownHeaders.has(name))
  if (own === undefined) return Object.fromEntries(headers)
  throw invalidInput(`${variable} sets the header ${own}`, { hint: 'burst sets this header itself; remove it' })
}

function headersOf(pairs: readonly string[], variable: string): Headers {
  try {
    return new Headers(
      pairs.map((pair): [string, string] => {
        const at = pair.indexOf('=')
        return [pair.slice(0, Math.max(0, at)).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      }),
    )
  } catch {
    throw invalidInput(`${variable} cannot be read`, { hint: 'write it like name=value,name=value' })
  }
}

/** The first 4 KiB of a response. The rest is not read. */
export async function beginningOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk.subarray(0, answerBytes - bytes), { stream: true })
    bytes += chunk.length
    if (bytes >= answerBytes) break
  }
  return text
}

/** The reason why a message was not accepted, in one line without secrets, at most 300 characters. */
export function reasonOf(error: unknown, masked: (text: string) => string): string {
  const { message, cause } = error as Error
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message
  return masked(why)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
