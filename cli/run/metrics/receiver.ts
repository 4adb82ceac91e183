import { invalidInput } from '../../../core/errors.ts'

/** The time limit in milliseconds for a receiver to accept a message. */
export const patienceMs = 5000

/** burst reads at most this many bytes of a response. */
const answerBytes = 4096

/** Headers that describe the message or its connection. Only burst may set these headers. */
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
  /** An example of a valid URL. Its path is the default path. */
  example: string
  /** The last part of the hint. It says where credentials belong. */
  credentials: string
}

/**
 * Parses the URL of a receiver. If the URL has no path, the default path is added.
 * @throws BurstError (104) when the value is not an http or https URL, or contains credentials
 */
export function receiverUrl(text: string, { flag, example, credentials }: ReceiverOption): URL {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidInput(`${flag} is not the URL of a receiver`, {
      hint: `give a URL, like ${flag} ${example}; ${credentials}`,
    })
  }
  if (url.pathname === '/') url.pathname = new URL(example).pathname
  return url
}

/**
 * Parses the headers of an environment variable. The format is `name=value,name=value`, with percent-encoded values.
 * @param variable the name of the environment variable, for error messages
 * @throws BurstError (104) when the text cannot be parsed or sets one of `ownHeaders`; the message does not contain the values, because they may be
 * secret
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

/** Returns the first 4 KiB of a response. Does not read the rest. */
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

/**
 * Returns the reason why the receiver did not accept a message: one line with at most 300 characters.
 * @param masked replaces the secrets in a text
 */
export function reasonOf(error: unknown, masked: (text: string) => string): string {
  const { message, cause } = error as Error
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message
  return masked(why)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
