/**
 * Splits a host's URL into two parts: `host` is the URL without credentials, and `userinfo` is the credentials as the user wrote them. `userinfo` is
 * undefined if the URL has no credentials. If the string is not a URL, `host` is ''.
 */
export function splitUserinfo(host: string): { host: string; userinfo: string | undefined } {
  const [, scheme = '', userinfo, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?(.*)$/is.exec(host) ?? []
  return { host: scheme + rest, userinfo: userinfo === '' ? undefined : userinfo }
}

/**
 * Removes or replaces the user name, the password and the `@` in all URLs of a string. A quotation mark is treated as the end of a URL, because a
 * user name or password contains a quotation mark only in encoded form.
 */
export function withoutUserinfo(text: string, replacement = ''): string {
  // Searches from `://`, because a search from the first letter of the scheme takes quadratic time in a string without a URL.
  return text.replace(/(?<=[a-z0-9+.-]:\/\/)[^/?#\s"]*@/gi, () => replacement)
}

/**
 * Decodes percent-encoding, as the parser of a URL does (WHATWG URL §1.3): a `%` that does not begin an escape sequence stays unchanged. Returns
 * bytes, because the decoded bytes need not be UTF-8.
 */
export function percentDecoded(text: string): Uint8Array {
  const encoder = new TextEncoder()
  // In `pieces`, the items with an odd index are the two digits of an escape sequence.
  const pieces = text.split(/%([\da-f]{2})/i)
  return Uint8Array.from(
    pieces.flatMap((piece, at) => (at % 2 === 1 ? [Number.parseInt(piece, 16)] : [...encoder.encode(piece)])),
  )
}
