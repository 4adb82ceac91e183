import { percentDecoded, splitUserinfo, withoutUserinfo } from './hosts/userinfo.ts'
import { toBase64 } from './input/base64.ts'

/** The string that replaces a secret. */
export const mask = '***'

/** Matches the names of variables, fields and headers whose values are secrets. The names `passed`, `passenger` and `author` do not match. */
export const secretName =
  /pass(?!e[dns]|i)|pwd|secret|token|api.?key|auth(?!ors?(?![a-z]))|credential|private|session|signature|cookie|dsn|(?:^|[_-])key$/i

/**
 * The minimum number of characters of a masked value. A shorter value is not masked, because it would also be found inside other words.
 * `shortestUnnamed` applies to the values of variables whose names do not suggest secrets.
 */
const shortest = 4
const shortestUnnamed = 6

/**
 * The sources of secrets: the variables from `--var` and from an environment file, the credentials in the URLs of the host and of the proxies, and
 * private keys. The credentials have the form in which the user wrote them.
 */
export interface Variables {
  vars: Readonly<Record<string, string>>
  env?: Readonly<Record<string, string>> | undefined
  hostUserinfo?: string | undefined
  /** `user:password` of the proxies. */
  proxyUserinfo?: Readonly<Record<string, string>> | undefined
  /** Private keys, as strings. */
  keys?: readonly string[]
}

/**
 * Returns a function that replaces each secret with `***`. Four kinds of values are secrets: (1) The values of variables whose names suggest secrets.
 * (2) The other values in an environment file, except three kinds of common values: numbers, words such as `true` and `production`, and addresses
 * without credentials and without a query. (3) The credentials (`user:password`) and the password of the host, of the proxies, and of URLs in
 * variables. (4) Private keys. The function also replaces the user name and password in every URL with `***`.
 */
export function masker({
  vars,
  env = {},
  hostUserinfo,
  proxyUserinfo = {},
  keys = [],
}: Variables): (text: string) => string {
  const named = [...Object.entries(vars), ...Object.entries(env)].filter(([name]) => secretName.test(name))
  const others = Object.entries(env).filter(([name, value]) => !secretName.test(name) && mayBeSecret(value))
  const patterns = [
    ...named.flatMap(([, value]) => spellings(value, shortest)),
    ...keys.flatMap((key) => spellings(key, shortest)),
    ...[hostUserinfo, ...Object.values(proxyUserinfo), ...[vars, env].flatMap(Object.values).map(userinfoIn)]
      .flatMap(userinfoTexts)
      .flatMap((text) => spellings(text, shortest)),
    ...others.flatMap(([, value]) => spellings(value, shortestUnnamed).map((one) => ({ ...one, alone: true }))),
  ]
  if (patterns.length === 0) return (text) => withoutUserinfo(withoutKeys(text), `${mask}@`)
  // Replaces longer secrets first, because one secret may be the beginning of another secret.
  const ordered = patterns.toSorted((a, b) => b.text.length - a.text.length)
  const sources = ordered.map(({ text, alone }) => (alone ? `(?<![\\w-])${escaped(text)}(?![\\w-])` : escaped(text)))
  const any = new RegExp([...new Set(sources)].join('|'), 'g')
  return (text) => withoutUserinfo(withoutKeys(text).replace(any, mask), `${mask}@`)
}

/** Returns the user name and password in a variable whose value is a URL. */
function userinfoIn(value: string): string | undefined {
  return splitUserinfo(value).userinfo
}

/** Replaces private keys in PEM format with `***`. If a key has no end marker, the rest of the string is replaced. */
function withoutKeys(text: string): string {
  if (!text.includes('PRIVATE KEY-----')) return text
  return text.replace(
    /-----BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]{0,20}PRIVATE KEY-----|$)/g,
    mask,
  )
}

/**
 * Returns credentials (`user:password`, or a user name alone) in all forms: as the user wrote them, decoded, and encoded for Basic authentication.
 * Also returns the password alone.
 */
function userinfoTexts(userinfo: string | undefined = ''): string[] {
  if (userinfo === '') return []
  // Adds a colon to a user name without a password, because Basic authentication always has a colon after the user name.
  const pair = userinfo.includes(':') ? userinfo : `${userinfo}:`
  const password = userinfo.slice(userinfo.indexOf(':') + 1)
  return [userinfo, decoded(userinfo), toBase64(percentDecoded(pair)), password, decoded(password)]
}

function decoded(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(percentDecoded(text))
}

interface Spelling {
  text: string
  /** `true` if the string is masked only as a whole word, and not as a part of a longer word. */
  alone: boolean
}

/**
 * Returns all forms in which a value may occur: unchanged, in a URL, in JSON, and each line of at least 16 characters. Omits forms with fewer than
 * `least` characters.
 */
function spellings(value: string, least: number): Spelling[] {
  const lines = value.includes('\n') ? value.split('\n').filter((line) => line.length >= 16) : []
  const texts = [value, ...lines].flatMap((text) => [text, inUrl(text), JSON.stringify(text).slice(1, -1)])
  return [...new Set(texts)].filter((text) => text.trim().length >= least).map((text) => ({ text, alone: false }))
}

function inUrl(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    // A string that contains half of a surrogate pair cannot be encoded for a URL. Such a string is returned unchanged.
    return text
  }
}

function mayBeSecret(value: string): boolean {
  return !/^(?:true|false|[\d.,]{1,12}|https?:\/\/[^@?]*|localhost(?::\d+)?|development|production|staging|test)$/i.test(
    value,
  )
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)
}
