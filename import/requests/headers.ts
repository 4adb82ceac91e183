import type { Pair, Text } from './request.ts'

/** Headers that burst or the connection sets, and headers that only describe the browser. */
const automatic =
  /^(?:host|connection|content-length|accept-encoding|transfer-encoding|te|priority|dnt|upgrade-insecure-requests|keep-alive|proxy-connection|alt-used|sec-.*|:.*)$/i

// oxlint-disable-next-line no-control-regex -- these end a header or cannot be sent in one
const unsendable = /[\u0000-\u0008\u000A-\u001F\u007F]|[^\u0000-\u00FF]/

/** Whether a header can have this name and this value. */
export function isHeader(name: string, value: Text): boolean {
  const isSendable = value.every((part) => typeof part !== 'string' || !unsendable.test(part))
  return isSendable && /^[!#$%&'*+.^_`|~\w-]+$/.test(name)
}

/** The headers without invalid ones and without those that burst sets itself. */
export function ownHeaders(headers: readonly Pair[]): Pair[] {
  return headers.filter(({ name, value }) => isHeader(name, value) && !automatic.test(name))
}
