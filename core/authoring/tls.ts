/** How connections over TLS are made. A file is a path relative to the scenario file, or the text of the file. */
export interface TlsOptions {
  /** Authorities to trust instead of the ones that Node trusts; PEM. */
  ca?: string | readonly string[]
  /** The client certificate, followed by the certificates of its chain; PEM. Needs `key`. */
  cert?: string
  /** The private key of `cert`; PEM, not encrypted. */
  key?: string
  /** Whether certificates are not verified. The report says so. Default false. */
  insecure?: boolean
  /** The name for SNI, and to which the certificate of the run's own host has to belong. Default: the name of the host. */
  servername?: string
  /** The lowest version that is accepted. Default `'TLSv1.2'`. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
}
