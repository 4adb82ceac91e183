import { type Pair, type Text, plainText } from './request.ts'

/** Headers that the scenario leaves out: headers that burst or the connection sets, and headers that only describe the browser. */
const automatic =
  /^(?:connection|content-length|te|priority|dnt|upgrade-insecure-requests|keep-alive|proxy-connection|alt-used|sec-.*|:.*)$/i

// oxlint-disable-next-line no-control-regex -- these end a header or cannot be sent in one
const unsendable = /[\u0000-\u0008\u000A-\u001F\u007F]|[^\u0000-\u00FF]/

/** Returns true if HTTP allows this name and this value for a header. */
export function isHeader(name: string, value: Text): boolean {
  const isSendable = value.every((part) => typeof part !== 'string' || !unsendable.test(part))
  // A header with the name `__proto__` is left out, because burst refuses it.
  return isSendable && name !== '__proto__' && /^[!#$%&'*+.^_`|~\w-]+$/.test(name)
}

/**
 * Returns the headers, except invalid headers and headers that burst sets itself. Keeps an `accept-encoding` that does not allow compression, such as
 * `identity`. If `url` is given, also keeps two other headers: a `host` that differs from the host of the URL, and `transfer-encoding: chunked`.
 */
export function ownHeaders(headers: readonly Pair[], url?: Text): Pair[] {
  return headers.filter((header) => isHeader(header.name, header.value) && isOwn(header, url))
}

function isOwn({ name, value }: Pair, url: Text | undefined): boolean {
  const text = plainText(value)?.trim().toLowerCase() ?? ''
  if (/^host$/i.test(name)) return url !== undefined && text !== '' && text !== hostOf(url)
  if (/^accept-encoding$/i.test(name)) return text !== '' && !/gzip|deflate|br|zstd|\*/.test(text)
  if (/^transfer-encoding$/i.test(name)) return url !== undefined && text === 'chunked'
  return !automatic.test(name)
}

/** Returns the host and the port of a URL; empty if the URL is a path. */
function hostOf(url: Text): string {
  const text = url.map((part) => (typeof part === 'string' ? part : '\0')).join('')
  return (/^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[^/?#@]*@)?([^/?#]*)/i.exec(text)?.[1] ?? '').toLowerCase()
}
