import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { createServer } from 'node:net'

/** An AWS API that the suite may fill and empty. */
export interface Cloud {
  name: 'localstack' | 'ministack' | 'endpoint'
  endpoint: string
  /** The path of the certificate that its clients must trust; undefined: it has none of its own. */
  certificate: string | undefined
  /** The name under which functions reach this machine. */
  targetHost: string
  /** The path of its log, for diagnosis. */
  log: string | undefined
  /** The processes that run, or wait for, a function's invocations. */
  processesOf(functionName: string): Promise<number[]>
  stop(): Promise<void>
}

/** The folder for what emulators install and write; `BURST_E2E_HOME` names another one. */
export const home = resolve(process.env['BURST_E2E_HOME'] ?? join(homedir(), '.cache', 'burst-e2e'))

/** The Node that functions run on: the version that AWS has, whatever else this machine has. */
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
