/**
 * Returns a host without the brackets that URLs write around IPv6 addresses, in lower case. An IPv6 address has its shortest form, so that two ways
 * to write one address are equal.
 */
export function bareHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare.includes(':') ? (URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1) ?? bare) : bare
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostAndPort(host: string, port: number | string): string {
  return `${bracketed(bareHost(host))}:${port}`
}

/** Returns a host as URLs write it. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Returns whether the host of a URL is an IPv6 address. */
export function isIpv6Url(url: string): boolean {
  return URL.parse(url)?.hostname.startsWith('[') ?? false
}
