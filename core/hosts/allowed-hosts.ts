import { bareHost } from './host-literal.ts'

/** Returns whether the list `allow` contains a host, or a pattern that matches the host: `*.example.com` matches each subdomain of `example.com`. */
export function isAllowedHost(allow: readonly string[], hostname: string): boolean {
  const name = bareHost(hostname)
  return allow.some((entry) => matches(bareHost(entry), name))
}

function matches(pattern: string, hostname: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern
}
