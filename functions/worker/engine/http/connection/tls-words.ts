/** Messages for failures of connections over TLS. Each message says what is wrong and, if there is a remedy, what to do. */

/** Patterns for error codes, and their messages. The first pattern that matches determines the message. */
const words: [RegExp, string][] = [
  [
    /CERT_HAS_EXPIRED/,
    'the certificate of the target has expired; to accept it, set insecure in tls, or use --insecure',
  ],
  [
    /CERT_NOT_YET_VALID/,
    'the certificate of the target is not valid yet; to accept it, set insecure in tls, or use --insecure',
  ],
  [/CERT_REVOKED/, 'the certificate of the target is revoked'],
  [
    /SELF_SIGNED|ISSUER_CERT|LEAF_SIGNATURE|CERT_UNTRUSTED/,
    "the certificate is not signed by a known authority; to trust its authority, write tls: { ca: 'ca.pem' } in the scenario",
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED/,
    "the target requires a client certificate; set it with tls: { cert: 'client.pem', key: 'client.key' } in the scenario",
  ],
  [
    /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/,
    'the target does not accept the client certificate, or requires one',
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE/,
    'the target does not accept any version of TLS that burst may use; to allow older versions, set minVersion in tls',
  ],
  [
    /HANDSHAKE_FAILURE/,
    'the target refused the handshake; it may require a client certificate; set it with tls: { cert, key } in the scenario',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/,
    'the target does not answer with TLS on this port; if it is an HTTP port, write http:// instead of https://',
  ],
  [/UNRECOGNIZED_NAME/, 'the target does not know the name of the host; set another name with servername in tls'],
  [
    /INVALID_CA|INVALID_PURPOSE|CERT_SIGNATURE_FAILURE|KEY_TOO_SMALL|CA_MD_TOO_WEAK/,
    'the certificate is not acceptable',
  ],
]

/** Returns whether the code of an error concerns TLS or a certificate. */
export function isTlsCode(code: string): boolean {
  return /CERT|SSL|TLS|ALTNAME|LEAF_SIGNATURE|INVALID_CA|INVALID_PURPOSE/i.test(code)
}

/** Returns the message for the code of an error. */
export function tlsWords(code: string, error: Error): string {
  if (/ALTNAME/.test(code)) return otherHost(error)
  const known = words.find(([pattern]) => pattern.test(code))
  return known?.[1] ?? 'the TLS handshake with the target failed'
}

interface AltNameError extends Error {
  host?: string
  cert?: { subjectaltname?: string; subject?: { CN?: string } }
}

/** The maximum number of a certificate's names that a message lists. */
const mostNames = 3

function otherHost({ host = '', cert }: AltNameError): string {
  const than = host === '' ? '' : ` than ${host}`
  return `the certificate is for another host name${than}${namesOf(cert)}; set the expected name with servername in tls`
}

function namesOf(cert: AltNameError['cert']): string {
  const names = (cert?.subjectaltname ?? cert?.subject?.CN ?? '').split(', ').filter((name) => name !== '')
  if (names.length === 0) return ''
  const shown = names.slice(0, mostNames).map((name) => name.replace(/^[A-Za-z ]+:/, '').slice(0, 100))
  return `: ${shown.join(', ')}${names.length > mostNames ? ` and ${names.length - mostNames} more` : ''}`
}
