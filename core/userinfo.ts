/** A host's URL without the user name and password in it, and these, as they were written. */
export function splitUserinfo(host: string): { host: string; userinfo: string | undefined } {
  const [, scheme = '', userinfo, rest = ''] = /^([a-z]+:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(host) ?? []
  return { host: scheme + rest, userinfo: userinfo === '' ? undefined : userinfo }
}

/** A text from the command line or a file without the user name and password of a URL in it. */
export function withoutUserinfo(text: string): string {
  // From the `://` on: a search from the scheme's first letter takes quadratic time in a text without one.
  return text.replace(/(?<=[a-z0-9+.-]:\/\/)[^/?#\s]*@/gi, '')
}
