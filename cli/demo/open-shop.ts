import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { BurstError } from '../../core/errors.ts'

const program = new URL(`shop${extname(import.meta.url)}`, import.meta.url)
const patienceMs = 10_000

/**
 * Starts the demo shop in a separate process, so that the shop and the run do not share an event loop. The shop's process ends when this process
 * ends.
 * @throws BurstError (97) when the shop does not open
 */
export async function openShop(): Promise<{ origin: string; close(): void }> {
  // The shop's process has a separate session, so that Ctrl-C in the terminal does not end the shop. The shop must still respond to the last requests
  // of the run.
  const child = fork(program, [], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] })
  const close = (): void => {
    if (child.connected) child.disconnect()
    child.unref()
  }
  try {
    return { origin: await originOf(child), close }
  } catch (cause) {
    close()
    throw new BurstError('runFailed', `the demo shop did not open: ${(cause as Error).message}`, { cause })
  }
}

async function originOf(child: ChildProcess): Promise<string> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(patienceMs)])
  try {
    const ended = once(child, 'exit', { signal }).then(([code]) =>
      Promise.reject(new Error(`its process ended with exit code ${code}`)),
    )
    const [message] = await Promise.race([once(child, 'message', { signal }), ended])
    return (message as { origin: string }).origin
  } finally {
    over.abort()
  }
}
