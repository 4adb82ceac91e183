/** Splits a host's URL into the URL without credentials, and the credentials as written. */
export function splitUserinfo(host: string): { host: string; userinfo: string | undefined } {
  const [, scheme = '', userinfo, rest = ''] = /^([a-z]+:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(host) ?? []
  return { host: scheme + rest, userinfo: userinfo === '' ? undefined : userinfo }
}

/** Removes the user name and password from all URLs in a string. */
export function withoutUserinfo(text: string): string {
  // Searches from `://`, because a search from the first letter of the scheme takes quadratic time in a string without a URL.
  return text.replace(/(?<=[a-z0-9+.-]:\/\/)[^/?#\s]*@/gi, '')
}
