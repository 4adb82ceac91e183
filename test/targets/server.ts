import type { Server } from 'node:net'
import { hostAndPort } from '../../core/hosts/host-literal.ts'

/** Opens a server on a free loopback port and returns its origin. */
export function listening(server: Server, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host, backlog: 4096 }, () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve(`http://${hostAndPort(host, address.port)}`)
    })
  })
}

/** Ends a server and all its connections. */
export async function ended(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections?.()
  await closed
}
