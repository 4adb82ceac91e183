import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { createServer } from 'node:net'

/** An AWS API where the suite may create and delete resources. */
export interface Cloud {
  name: 'localstack' | 'ministack' | 'endpoint'
  endpoint: string
  /** The path of the certificate that clients must trust, or undefined if the cloud uses a public certificate or no certificate. */
  certificate: string | undefined
  /** The host name by which functions reach this machine. */
  targetHost: string
  /** The path of the emulator's log, for diagnosis. */
  log: string | undefined
  /** Returns the processes of a function. Each process runs an invocation or waits for one. */
  processesOf(functionName: string): Promise<number[]>
  stop(): Promise<void>
}

/** The folder in which the emulators are installed, and in which they write files. The variable `BURST_E2E_HOME` can name another folder. */
export const home = resolve(process.env['BURST_E2E_HOME'] ?? join(homedir(), '.cache', 'burst-e2e'))

/** The Node program that runs functions. Functions on AWS use the same major version. The Node of this machine may have a different version. */
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
