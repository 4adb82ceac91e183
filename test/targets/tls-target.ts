import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { type Socket, connect } from 'node:net'
import { type SecureContextOptions, type TLSSocket, type TlsOptions, createServer as createTlsServer } from 'node:tls'
import { ended, listening } from './server.ts'

export interface TlsTarget {
  origin: string
  connections(): number
  /** The data that the target records about a request and its connection. `resumed`: the connection continues an earlier TLS session. */
  received: {
    method: string
    path: string
    host: string
    servername: string | false
    client: string | undefined
    close: boolean
    resumed: boolean
  }[]
  close: () => Promise<void>
}

/** Reads a certificate or key. Files of clients and of the authority are in `scenarios/tls`, files of servers in `test/fixtures/tls`. */
export function tlsFixture(name: string): string {
  const folder = /^(?:ca|client)/.test(name) ? '../../scenarios/tls' : '../fixtures/tls'
  return readFileSync(new URL(`${folder}/${name}`, import.meta.url), 'utf8')
}

/** A server that forwards requests to another server. */
export interface Front {
  origin: string
  /** The name in the client certificate of each connection. */
  clients: string[]
  /** For each connection, `true` if it continues an earlier TLS session. */
  resumed: boolean[]
  close(): Promise<void>
}

/**
 * Starts a TLS server that forwards all data to `origin`, a server on this machine. Clients need a certificate that the certificate authority of the
 * tests has issued.
 */
export async function startTlsFront(origin: string): Promise<Front> {
  const sockets = new Set<Socket>()
  const clients: string[] = []
  const resumed: boolean[] = []
  const front = createTlsServer(
    { cert: tlsFixture('server.pem'), key: tlsFixture('server.key'), ca: tlsFixture('ca.pem'), requestCert: true },
    (secured) => {
      clients.push(String(secured.getPeerCertificate().subject?.CN))
      resumed.push(secured.isSessionReused())
      const plain = connect(Number(new URL(origin).port), '127.0.0.1')
      for (const [one, peer] of [
        [secured, plain],
        [plain, secured],
      ] as const) {
        sockets.add(one)
        one.on('error', () => peer.destroy()).on('close', () => peer.destroy())
        one.pipe(peer)
      }
    },
  )
  const { port } = new URL(await listening(front))
  return {
    origin: `https://localhost:${port}`,
    clients,
    resumed,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return ended(front)
    },
  }
}

/** Starts a target over TLS. By default, the target has an untrusted certificate for `localhost`. */
export async function startTlsTarget(options: SecureContextOptions & TlsOptions = { key, cert }): Promise<TlsTarget> {
  let connections = 0
  const received: TlsTarget['received'] = []
  const server = createServer(options, (request: IncomingMessage, response) => {
    const socket = request.socket as TLSSocket & { servername: string | false }
    const { method = '', url: path = '', headers } = request
    const client = options.requestCert ? socket.getPeerCertificate().subject?.CN?.toString() : undefined
    received.push({
      method,
      path,
      host: headers.host ?? '',
      servername: socket.servername,
      client,
      close: headers.connection === 'close',
      resumed: socket.isSessionReused(),
    })
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

/** This key was made for these tests only. */
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
