/**
 * Returns a host in lower case, without the brackets that surround an IPv6 address in a URL. An IPv6 address is returned in its shortest form, so
 * that different notations of one address are equal.
 */
export function bareHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare.includes(':') ? (URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1) ?? bare) : bare
}

/** Returns `host:port`, with brackets around an IPv6 address. */
export function hostAndPort(host: string, port: number | string): string {
  return `${bracketed(bareHost(host))}:${port}`
}

/** Returns a host as it appears in a URL. */
function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Returns whether the host of a URL is an IPv6 address. */
export function isIpv6Url(url: string): boolean {
  return URL.parse(url)?.hostname.startsWith('[') ?? false
}

/** Returns the protocol, host and port of a connection. The default port of the scheme is used if no port is given. The host has no brackets. */
export function placeOf({ protocol, hostname, port }: { protocol: string; hostname: string; port: string }): {
  protocol: string
  hostname: string
  port: number
} {
  const usual = protocol === 'https:' ? 443 : 80
  // Keeps port 0, so the connection fails. If port 0 were replaced by the default port of the scheme, burst would connect to a port that the user did
  // not name.
  return { protocol, hostname: bareHost(hostname), port: port === '0' ? 0 : Number(port) || usual }
}
