import { type ClockAnchor, anchoredClock } from '../../../functions/clock.ts'
import type { Environment } from '../../../functions/ports.ts'
import { type Ports, type ToChild, type ToParent, received } from './ipc.ts'

/** The connection from the process of a stage to its parent. */
export interface Parent {
  environment(order: { build: string; limitMs: number; anchor: ClockAnchor }): Environment
  /** Passes the result of a call to the code that made the call. */
  settle(message: Exclude<ToChild, { kind: 'run' | 'prepare' }>): void
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Creates the ports of a stage's process. `write` sends a message to the parent process. */
export function parentOver(write: (message: ToParent) => void): Parent {
  const pending = new Map<number, Pending>()
  let calls = 0
  const port =
    <P extends keyof Ports>(name: P) =>
    async (...args: Parameters<Ports[P]>): Promise<Awaited<ReturnType<Ports[P]>>> => {
      const call = calls++
      const value = await new Promise((resolve, reject) => {
        pending.set(call, { resolve, reject })
        write({ kind: 'call', call, port: name, args })
      })
      return value as Awaited<ReturnType<Ports[P]>>
    }
  // All orders use the same port objects. A reducer caches the states of the shards for each store object, so a new store object would have an empty
  // cache.
  const ports = {
    store: { get: port('get'), put: port('put'), list: port('list'), delete: port('delete') },
    queue: { send: port('send'), waiting: port('waiting') },
    invoker: { invoke: port('invoke'), failed: port('failed') },
  }
  return {
    environment: ({ build, limitMs, anchor }) => {
      const endsAt = performance.now() + limitMs
      return {
        ...ports,
        clock: anchoredClock(anchor),
        build,
        remainingMs: () => Math.max(0, endsAt - performance.now()),
        log: (event, fields = {}) => write({ kind: 'log', event, fields }),
      }
    },
    settle: (message) => {
      const caller = pending.get(message.call)
      pending.delete(message.call)
      if (message.kind === 'answer') caller?.resolve(message.value)
      else caller?.reject(received(message.error))
    },
  }
}
