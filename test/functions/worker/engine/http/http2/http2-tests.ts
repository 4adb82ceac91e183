import { type Http2Target, type Http2TargetOptions, startHttp2Target } from '../../../../../targets/http2-target.ts'
import { tlsFixture } from '../../../../../targets/tls-target.ts'
import type { SliceRunResult } from '../../../slice-run.ts'

/** Starts the targets for the tests of one file, and closes them. */
export class Http2Tests {
  readonly clean: (() => Promise<void>)[] = []

  async start(options?: Http2TargetOptions): Promise<Http2Target> {
    const target = await startHttp2Target(options)
    this.clean.push(target.close)
    return target
  }

  async end(): Promise<void> {
    for (const one of this.clean.splice(0)) await one()
  }
}

/** The file with the certificate authority that the scenarios must trust. */
export const files = { 'ca.pem': tlsFixture('ca.pem') }
export const once = { users: 1, iterations: 1, runTimeMs: 20_000 }

/** Returns one line for each failure of a run, with its kind, name, count and message. */
export function told({ window }: SliceRunResult): string[] {
  return [...window.errors.values()]
    .map(({ kind, name, count, message }) => `${kind} ${name} ${count}: ${message}`)
    .toSorted()
}

/** Returns one line for each protocol and target of a run, with the numbers of connections and streams. */
export function spoken({ window }: SliceRunResult): string[] {
  return [...window.protocols.values()]
    .map(({ target, protocol, connections, streams }) => `${protocol} ${target} ${connections} ${streams}`)
    .toSorted()
}
