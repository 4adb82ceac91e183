import { BurstError } from '../core/errors.ts'
import type { Environment, Store } from './ports.ts'

/**
 * The longest time, in milliseconds, for which a failing call is repeated. A stage that makes a report repeats its calls for a longer time
 * (`reportPatienceMs`).
 */
const patienceMs = 8_000
/**
 * The time, in milliseconds, for which a stage that makes a report repeats each failing call. In the finaliser, the time begins with the stage. In
 * the coordinator, the time begins when the coordinator finds that the load is over. A late report is better than a report that lacks data from the
 * store. After this time, each failing call is repeated only for `patienceMs`.
 */
export const reportPatienceMs = 300_000
const firstPauseMs = 100
const longestPauseMs = 2_000

/**
 * Returns a store that repeats failing calls, so that a brief failure of the store does not end a run or prevent its report. A conditional write may
 * take effect although the store returns an error. Such a write counts as successful. A BurstError is thrown immediately, because a repetition would
 * not help.
 * @param how `failed` is called for each try that fails. `untilMs` returns a time in epoch milliseconds; default: 0. A failing call is repeated until
 * this time, or until 8 s after the call began, whichever is later.
 */
export function patientStore(
  { store, clock, log }: Pick<Environment, 'store' | 'clock' | 'log'>,
  { failed = () => undefined, untilMs: endMs = () => 0 }: { failed?: () => void; untilMs?: () => number } = {},
): Store {
  const repeated = async <T>(key: string, call: (isRepeated: boolean) => Promise<T>): Promise<T> => {
    const untilMs = Math.max(clock.nowMs() + patienceMs, endMs())
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await call(pauseMs > firstPauseMs)
      } catch (error) {
        failed()
        if (error instanceof BurstError || clock.nowMs() + pauseMs > untilMs) throw error
        log('a failed call to the store is repeated', { key, error: String(error) })
      }
      await clock.sleep(pauseMs)
    }
  }
  return {
    get: async (key) => repeated(key, async () => store.get(key)),
    put: async (key, body, condition) =>
      repeated(key, async (isRepeated) => {
        const etag = await store.put(key, body, condition)
        return etag === undefined && isRepeated ? ownEarlierWrite(store, { key, body }) : etag
      }),
    list: async (prefix) => repeated(prefix, async () => store.list(prefix)),
    delete: async (key) => repeated(key, async () => store.delete(key)),
  }
}

/** Returns the etag of the object if the object has this body. In that case, an earlier call has written the object. */
async function ownEarlierWrite(
  store: Store,
  { key, body }: { key: string; body: string },
): Promise<string | undefined> {
  const found = await store.get(key)
  return found?.body === body ? found.etag : undefined
}
