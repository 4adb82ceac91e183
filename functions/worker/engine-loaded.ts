import { extname } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { BurstError } from '../../core/errors.ts'
import type { FromEngine } from './engine/protocol.ts'

/** How long the engine may take to load the scenario, milliseconds. */
const loadMs = 60_000

/**
 * Resolves when the engine has loaded the scenario.
 * @throws BurstError (107) when it does not
 */
export async function engineLoaded(engine: Worker, masked: (text: string) => string): Promise<void> {
  const loaded = new Promise<void>((resolve, reject) => {
    engine.on('message', (message: FromEngine) => {
      if (message.type === 'loaded') resolve()
      if (message.type === 'failed') reject(new BurstError('scenarioThrew', masked(message.message)))
    })
    engine.once('error', (error) => reject(new BurstError('scenarioThrew', masked(textOf(error)))))
    engine.once('exit', () =>
      reject(new BurstError('scenarioThrew', 'the scenario ended its thread while it was loaded')),
    )
  })
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    limit.reject(new BurstError('scenarioThrew', `the scenario takes longer than ${loadMs / 1000} s to load`))
  }, loadMs)
  try {
    await Promise.race([loaded, limit.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The message of the error that ended a thread. User code can throw any value, so it may not be an Error. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The engine's thread. */
export function engineFile(): URL {
  return new URL(`./engine/thread${extname(import.meta.url)}`, import.meta.url)
}
