import { percentDecoded } from '../../../../../core/hosts/userinfo.ts'

/**
 * Removes the user name and the password from a URL, so that messages do not contain them. Changes the given URL.
 * @returns the `Authorization` header (Basic) for this user name and password; undefined if the URL contains neither
 */
export function takeCredentials(url: URL): string | undefined {
  const { username, password } = url
  if (username === '' && password === '') return undefined
  url.username = ''
  url.password = ''
  return basicOf(percentDecoded(`${username}:${password}`))
}

/**
 * Removes the user name and the password from a URL or a route.
 * @returns `url`: the resulting URL; `authorization`: the `Authorization` header (Basic) for this user name and password, or undefined if the URL
 * contains neither
 */
export function userinfoOf(url: string): { url: string; authorization: string | undefined } {
  const found = /^(https?:\/\/)([^/?#]*)@/i.exec(url)
  if (!found) return { url, authorization: undefined }
  const [whole, scheme = '', userinfo = ''] = found
  // Basic authentication always has a colon after the user name.
  const pair = userinfo.includes(':') ? userinfo : `${userinfo}:`
  const authorization = userinfo === '' ? undefined : basicOf(percentDecoded(pair))
  return { url: scheme + url.slice(whole.length), authorization }
}

export function basic(user: string, password: string): string {
  return basicOf(Buffer.from(`${user}:${password}`, 'utf8'))
}

function basicOf(pair: Uint8Array): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
