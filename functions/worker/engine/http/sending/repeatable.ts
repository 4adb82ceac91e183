/**
 * The idempotent methods according to the registry of HTTP methods: a request that is sent twice has the same effect as one request
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

/** Returns whether a request may be sent twice: its method is idempotent, or it has the header `idempotency-key`. */
export function isRepeatable({ method, headers }: Repeatable): boolean {
  return idempotent.has(method) || headers['idempotency-key'] !== undefined
}
