import { masker, secretName } from '../../core/secrets.ts'
import type { TracedHop } from '../../functions/worker/engine/protocol.ts'
import { decoded } from './named-secrets.ts'

/** The minimum length of a secret value that burst masks in a response. Shorter values are not masked, because they are often common words. */
const shortestEcho = 6
/** The minimum length for the value of a cookie whose name does not suggest a secret. */
const shortestCookie = 12

/**
 * Returns a function that masks secrets with `***`: the values of these headers, each word of a value, and the credentials in Basic authentication. A
 * receiver may repeat such a secret in its error message.
 */
export function headerMasker(headers: Record<string, string>): (text: string) => string {
  const values = Object.values(headers)
  const words = values.flatMap((value) => [value, ...value.split(/\s+/)])
  return maskerOf(
    words.filter((word) => !/^(?:basic|bearer)$/i.test(word)),
    values,
  )
}

/** Returns a function that masks these secrets, and the credentials of headers that use Basic authentication. */
function maskerOf(secrets: readonly string[], headers: readonly string[]): (text: string) => string {
  return masker({
    vars: Object.fromEntries(secrets.map((text, k) => [`secret ${k}`, text])),
    proxyUserinfo: Object.fromEntries(headers.flatMap(userinfosIn).entries()),
  })
}

/**
 * Decodes the credentials of a header with Basic authentication, and percent-encodes them as in a URL. The credentials may be in UTF-8 or Latin-1, so
 * the function returns the result for each encoding.
 */
function userinfosIn(header: string): string[] {
  const [, base64] = /^\s*basic\s+(\S+)\s*$/i.exec(header) ?? []
  if (base64 === undefined) return []
  const bytes = Buffer.from(base64, 'base64')
  const texts = [bytes.toString('utf8'), bytes.toString('latin1')]
  return texts.map((text) => encodeURIComponent(text).replaceAll('%3A', ':'))
}

/**
 * Returns a function that masks the secrets of the request headers in a text, for example in a part of a response. A target may repeat the
 * credentials and the cookies of a request in its response.
 */
export function echoMasker(hops: readonly Pick<TracedHop, 'requestHeaders'>[]): (text: string) => string {
  const headers = hops
    .flatMap(({ requestHeaders }) => Object.entries(requestHeaders))
    .filter(([name]) => secretName.test(name))
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const))
  if (headers.length === 0) return (text) => text
  return maskerOf(
    headers.flatMap(([name, value]) => secretsIn(name, value)),
    headers.map(([, value]) => value),
  )
}

/** Returns the secrets of a header. The name of a scheme, such as `Bearer`, is not secret. */
function secretsIn(name: string, value: string): string[] {
  if (/^cookie$/i.test(name)) return value.split(';').flatMap(cookieIn)
  const secret = /authorization$/i.test(name) ? value.trim().replace(/^[\w-]+\s+/, '') : value
  return secret.length < shortestEcho ? [] : [secret]
}

/** Returns the value of a cookie in two forms: as it was sent, and decoded. Returns an empty list if the value is too short. */
function cookieIn(pair: string): string[] {
  const [name = ''] = pair.split('=', 1)
  const value = pair.slice(name.length + 1).trim()
  return value.length < (secretName.test(name) ? shortestEcho : shortestCookie) ? [] : [value, decoded(value)]
}
