/**
 * Removes the user name and the password from a URL, so that messages do not contain them. Changes the given URL.
 * @returns the `Authorization` header (Basic) for this user name and password; undefined if the URL contains neither
 */
export function takeCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const credentials = basic(decoded(url.username), decoded(url.password))
  url.username = ''
  url.password = ''
  return credentials
}

/**
 * Removes the user name and the password from a URL or a route. Returns the resulting URL, and the `Authorization` header (Basic) for this user name
 * and password; undefined if the URL contains neither.
 */
export function userinfoOf(url: string): { url: string; authorization: string | undefined } {
  const found = /^(https?:\/\/)([^/?#]*)@/i.exec(url)
  if (!found) return { url, authorization: undefined }
  const [whole, scheme = '', userinfo = ''] = found
  const colon = userinfo.indexOf(':')
  const [user, password] = colon === -1 ? [userinfo, ''] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)]
  const authorization = userinfo === '' ? undefined : basic(decoded(user), decoded(password))
  return { url: scheme + url.slice(whole.length), authorization }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
}

/** Decodes percent-encoding. A text with an invalid escape sequence stays unchanged as a whole. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
