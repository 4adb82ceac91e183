/**
 * The methods that have the same effect when a request is sent twice, as listed in the registry of HTTP methods
 * (https://www.iana.org/assignments/http-methods).
 */
const idempotent = new Set(
  (
    'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE GET HEAD LABEL LINK MERGE MKACTIVITY MKCALENDAR MKCOL ' +
    'MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND ' +
    'UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL'
  ).split(' '),
)

interface Repeatable {
  method: string
  headers: Readonly<Record<string, unknown>>
}

/** Returns whether a request may be sent twice. */
export function isRepeatable({ method, headers }: Repeatable): boolean {
  return idempotent.has(method) || headers['idempotency-key'] !== undefined
}
