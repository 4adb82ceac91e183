import { setTimeout as sleep } from 'node:timers/promises'
import { stages as own } from '../../../cli/embedded/processes/stage-handlers.ts'
import { decodeControl } from '../../../core/fleet/control.ts'
import { keys } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'

const run = 'e2e'
/** The prefix of the keys of markers. A marker says that this store holds back one part of a hand-over. */
export const heldParts = `runs/${run}/held/`

/** The time in milliseconds within which each worker notices a stop request. */
const readMs = 2_000

/** Returns a store that holds back the parts of hand-overs until the run is stopped and the next workers have noticed the stop request. */
const holding = (store: Store): Store => ({
  get: async (key) => store.get(key),
  list: async (prefix) => store.list(prefix),
  delete: async (key) => store.delete(key),
  put: async (key, body, condition) => {
    if (!key.startsWith(keys.handovers(run))) return store.put(key, body, condition)
    await store.put(`${heldParts}${key.slice(keys.handovers(run).length)}`, '')
    while (!(await isStopped(store))) await sleep(50)
    await sleep(readMs)
    return store.put(key, body, condition)
  },
})

async function isStopped(store: Store): Promise<boolean> {
  const control = await store.get(keys.control(run))
  return control !== undefined && decodeControl(control.body).stop !== null
}

/** The stages of burst. A user that is handed over reaches the next worker only after the run was stopped. */
export const stages: typeof own = {
  ...own,
  worker: async (event, env) => own.worker(event, { ...env, store: holding(env.store) }),
}
