import { mask } from '../../core/secrets.ts'

const secretKey = /pass|secret|token|api.?key|auth/i
const cookies = /^(?:set-)?cookie$/i

/** Masks the value of a header: names of cookies are kept, credentials are masked completely. */
export function maskHeader(name: string, value: string): string {
  if (cookies.test(name)) return maskCookies(name, value)
  if (/^(?:location|referer)$/i.test(name)) return maskUrl(value)
  return secretKey.test(name) ? mask : value
}

/** Masks secrets in a URL. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  if (!url.search && !url.password && !url.username) return text
  if (url.username) url.username = mask
  if (url.password) url.password = mask
  url.search = maskForm(url.search.slice(1))
  return url.href
}

/** Masks secrets in the text of a body: values of keys that suggest secrets, in JSON and in forms. */
export function maskBody(text: string): string {
  if (/^\s*[[{]/.test(text)) return maskJson(text)
  return /^[\w.%+[\]-]+=[^\s<]*$/.test(text) ? maskForm(text) : text
}

function maskCookies(header: string, value: string): string {
  const [first = '', ...rest] = value.split(';')
  const masked = (pair: string): string => pair.replace(/=.*/s, `=${mask}`)
  // In a Set-Cookie header, attributes follow the first pair. They are not secret.
  const others = header.toLowerCase() === 'set-cookie' ? rest : rest.map(masked)
  return [masked(first), ...others].join(';')
}

function maskForm(text: string): string {
  return text
    .split('&')
    .map((pair) => {
      const [key = ''] = pair.split('=', 1)
      return secretKey.test(decoded(key)) ? `${key}=${mask}` : pair
    })
    .join('&')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A body may contain a `%` that is not an escape. The key is then checked undecoded.
    return text
  }
}

function maskJson(text: string): string {
  try {
    return JSON.stringify(
      JSON.parse(text),
      (key, value: unknown) => (secretKey.test(key) && value !== null ? mask : value),
      2,
    )
  } catch {
    // Invalid JSON is also shown, so secret values in it are masked.
    return text.replaceAll(
      /("[^"]*(?:pass|secret|token|api.?key|auth)[^"]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^,}\s]+)/gi,
      `$1"${mask}"`,
    )
  }
}
