import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { createServer } from 'node:net'

/** An AWS API that the suite may fill and empty. */
export interface Cloud {
  name: 'localstack' | 'ministack' | 'endpoint'
  endpoint: string
  /** File with the certificate that its clients have to trust; undefined: none of its own. */
  certificate: string | undefined
  /** What functions call this machine. */
  targetHost: string
  /** Where its log is, for when something went wrong. */
  log: string | undefined
  /** Processes that run a function's invocations or wait for the next one. */
  processesOf(functionName: string): Promise<number[]>
  stop(): Promise<void>
}

/** Emulators keep what they install and write here; `BURST_E2E_HOME` says where else. */
export const home = resolve(process.env['BURST_E2E_HOME'] ?? join(homedir(), '.cache', 'burst-e2e'))

/** The Node that functions run on: the one that AWS has, whatever else this machine has. */
export const node24 = resolve(import.meta.dirname, '../../../node_modules/node/bin/node')

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
