import { bareHost } from './host-literal.ts'

/**
 * Returns whether the list `allow` contains either the host itself or a pattern that matches the host. The pattern `*.example.com` matches each
 * subdomain of `example.com`.
 */
export function isAllowedHost(allow: readonly string[], hostname: string): boolean {
  const name = bareHost(hostname)
  return allow.some((entry) => matches(bareHost(entry), name))
}

function matches(pattern: string, hostname: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern
}
