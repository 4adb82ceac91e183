export interface Session {
  token?: string
}

/** The headers of a session. */
export function headersFor(session: Session | undefined, type = 'text/plain'): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'content-type': type }
  if (session && session.token) headers.authorization = `Bearer ${session.token}`
  return headers
}
