/** The TLS options of connections. A file is given by its path relative to the scenario file, or by its content. */
export interface TlsOptions {
  /** The trusted certificate authorities in PEM format, which replace Node's list. */
  ca?: string | readonly string[]
  /** The client certificate, followed by the certificates of its chain, in PEM format. Requires `key`. */
  cert?: string
  /** The private key of `cert` in PEM format, not encrypted. */
  key?: string
  /** `true`: burst accepts certificates without verifying them, and the report contains a note about it. Default false. */
  insecure?: boolean
  /** The server name for SNI and for the verification of the certificate. It applies only to the run's own host. Default: the name of the host. */
  servername?: string
  /** The lowest accepted version of TLS. Default `'TLSv1.2'`. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** `true`: users speak only HTTP/2. `'auto'`: a target with TLS chooses the protocol (ALPN); without TLS, users speak HTTP/1.1. `false`: HTTP/1.1. */
export type Http2 = boolean | 'auto'
