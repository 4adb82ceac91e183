/** Whether a host may be loaded: it is one of the list, or below one that is written `*.example.com`. */
export function isAllowedHost(allow: readonly string[], hostname: string): boolean {
  const name = hostname.toLowerCase()
  return allow.some((entry) => matches(entry.toLowerCase(), name))
}

function matches(pattern: string, hostname: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern
}
