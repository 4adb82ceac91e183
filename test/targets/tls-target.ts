import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { ended, listening } from './server.ts'

export interface TlsTarget {
  origin: string
  connections(): number
  /** The method, the `host` header and the TLS server name of each request. */
  received: { method: string; host: string; servername: string | false }[]
  close(): Promise<void>
}

/** A target over TLS with a certificate for `localhost` that is not trusted. */
export async function startTlsTarget(): Promise<TlsTarget> {
  let connections = 0
  const received: TlsTarget['received'] = []
  const server = createServer({ key, cert }, (request: IncomingMessage, response) => {
    const { servername } = request.socket as TLSSocket & { servername: string | false }
    received.push({ method: request.method ?? '', host: request.headers.host ?? '', servername })
    request.resume().on('end', () => response.end('ok'))
  })
  server.on('secureConnection', () => connections++)
  const { port } = new URL(await listening(server))
  return {
    origin: `https://localhost:${port}`,
    connections: () => connections,
    received,
    close: () => ended(server),
  }
}

/** Made for these tests only. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgP5swJWhtzckEkRYv
uWnyD0ncvMPFWGVTSlgajOcTWi2hRANCAARr3ERatqBwwRvGXL8H0yjuwo8br58F
3ltevtUBp6n9Up3xnw6kMw/KKCqKAkk+8gpKQZHeTw+3lHaTuLNyzjj+
-----END PRIVATE KEY-----`
const cert = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUHr+LZktjuWDcuxlaUdFHz4uct2cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjAyNDk1MFoYDzIxMjYxMTAy
MDI0OTUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARr3ERatqBwwRvGXL8H0yjuwo8br58F3ltevtUBp6n9Up3xnw6kMw/K
KCqKAkk+8gpKQZHeTw+3lHaTuLNyzjj+o2kwZzAdBgNVHQ4EFgQUvj8gTrrV1Y6c
1VTtOvio78ju/bkwHwYDVR0jBBgwFoAUvj8gTrrV1Y6c1VTtOvio78ju/bkwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhALWbmpu0dfmdK/5PmOMYzjohDU6RZ0DcJKRhSYxorHM4AiB0FxytYmik
z9j+RnqRJqZwi1hdMcUf9KIxAwkX6LOVTQ==
-----END CERTIFICATE-----`
