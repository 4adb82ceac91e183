/** Splits a host's URL into the URL without credentials, and the credentials as written. */
export function splitUserinfo(host: string): { host: string; userinfo: string | undefined } {
  const [, scheme = '', userinfo, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(host) ?? []
  return { host: scheme + rest, userinfo: userinfo === '' ? undefined : userinfo }
}

/**
 * Removes the user name and password, with their `@`, from all URLs in a string, or replaces them. A quotation mark ends a URL, because user name and
 * password contain it only in its encoded form.
 */
export function withoutUserinfo(text: string, replacement = ''): string {
  // Searches from `://`, because a search from the first letter of the scheme takes quadratic time in a string without a URL.
  return text.replace(/(?<=[a-z0-9+.-]:\/\/)[^/?#\s"]*@/gi, () => replacement)
}
