import { setTimeout as sleep } from 'node:timers/promises'
import { stages as own } from '../../cli/embedded/processes/stage-handlers.ts'
import type { WorkerEvent } from '../../functions/events.ts'
import type { Environment, Invoker } from '../../functions/ports.ts'

type Copied = WorkerEvent & { copy?: true }

/** Invokes each worker twice, as Lambda may do. */
const twice = (invoker: Invoker): Invoker => ({
  failed: async (run) => invoker.failed(run),
  invoke: async (stage, event) => {
    await invoker.invoke(stage, event)
    if (stage === 'worker') await invoker.invoke(stage, { ...(event as WorkerEvent), copy: true } satisfies Copied)
  },
})

/** Returns the environment for the second copy of an invocation. In this environment, the store does not find the bundle of the scenario. */
const withoutBundle = (env: Environment): Environment => ({
  ...env,
  store: {
    put: async (...write) => env.store.put(...write),
    list: async (prefix) => env.store.list(prefix),
    delete: async (key) => env.store.delete(key),
    get: async (key) => (key.startsWith('bundles/') ? undefined : env.store.get(key)),
  },
})

/** The stages of burst. Each invocation of a worker is delivered twice, and the second copy fails before it claims the slice. */
export const stages: typeof own = {
  ...own,
  coordinator: async (event, env) => own.coordinator(event, { ...env, invoker: twice(env.invoker) }),
  worker: async (event: Copied, env) => {
    if (!event.copy) return own.worker(event, env)
    // After this time, the first copy has usually begun to run the slice.
    await sleep(8_000)
    return own.worker(event, withoutBundle(env))
  },
}
