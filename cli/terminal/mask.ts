import { mask, secretName } from '../../core/secrets.ts'
import { decoded, maskNamed } from './named-secrets.ts'

const cookies = /^(?:set-)?cookie$/i

/**
 * Masks the value of a header. If the name of the header suggests a secret, masks the whole value. In a cookie, masks only the value and not the
 * name. In `Location` and `Referer`, masks only what `maskUrl` masks. In any other header, masks what `maskNamed` masks.
 */
export function maskHeader(name: string, value: string): string {
  if (cookies.test(name)) return maskCookies(name, value)
  if (/^(?:location|referer)$/i.test(name)) return maskUrl(value)
  return secretName.test(name) ? mask : maskNamed(value)
}

/**
 * In an absolute URL, masks the user name, the password, and the secret parameters of the query and of the fragment. In any other text, masks only
 * what `maskRelative` masks.
 */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return maskRelative(text)
  const url = new URL(text)
  if (!url.search && !url.password && !url.username && !url.hash) return text
  if (url.username) url.username = mask
  if (url.password) url.password = mask
  url.search = maskForm(url.search.slice(1))
  url.hash = maskForm(url.hash.slice(1))
  return url.href
}

/** Masks secrets in the query and in the fragment of a relative URL. */
function maskRelative(text: string): string {
  return text.replaceAll(/([?#])([^?#]*)/g, (_, sign: string, form: string) => `${sign}${maskForm(form)}`)
}

/**
 * Masks secrets in the text of a body or of a message, such as the values of names that suggest secrets. The text may be JSON, a form or any other
 * text.
 */
export function maskBody(text: string): string {
  if (/^\s*[[{]/.test(text)) return maskJson(text)
  return /^[\w.%+[\]-]+=[^\s<]*$/.test(text) ? maskForm(text) : maskNamed(text)
}

function maskCookies(header: string, value: string): string {
  const [first = '', ...rest] = value.split(';')
  const masked = (pair: string): string => pair.replace(/=.*/s, `=${mask}`)
  // In a Set-Cookie header, the first pair is the cookie. The attributes after the cookie are not secret.
  const others = header.toLowerCase() === 'set-cookie' ? rest : rest.map(masked)
  return [masked(first), ...others].join(';')
}

function maskForm(text: string): string {
  return text
    .split('&')
    .map((pair) => {
      const [key = ''] = pair.split('=', 1)
      return secretName.test(decoded(key)) ? `${key}=${mask}` : pair
    })
    .join('&')
}

function maskJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), maskedValue, 2)
  } catch {
    // burst also shows invalid JSON, so the secrets in it must be masked too.
    return maskNamed(text)
  }
}

/**
 * Masks the whole value if its name suggests a secret. If the name does not suggest a secret and the value is a string, masks only what `maskNamed`
 * masks in the string.
 */
function maskedValue(name: string, value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (secretName.test(name)) return mask
  return typeof value === 'string' ? maskNamed(value) : value
}
