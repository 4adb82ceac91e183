import { BurstError } from '../../core/errors.ts'
import { decodeState } from '../../functions/coordinator/state.ts'
import type { FinaliseEvent } from '../../functions/events.ts'
import { anchorNow } from '../../functions/clock.ts'
import { keys } from '../../functions/keys.ts'
import { buildIdentity } from '../../build/identity.ts'
import { Children, type Ended } from '../embedded/processes/children.ts'
import type { KnownRun } from './run-folder.ts'

const patienceMs = 2000

/**
 * Makes the report of a run from its store. Calls the stage that normally runs at the end of a run.
 * @throws BurstError (97) when the report cannot be made
 */
export async function remakeReport(known: KnownRun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const ignore = (): void => undefined
  const children = new Children(
    {
      store: known.store,
      queue: { send: async () => undefined },
      build: await buildIdentity(),
      anchor: anchorNow(),
      log: ignore,
      print: ignore,
    },
    resolve,
  )
  try {
    await children.invoke('finalise', await finaliseInput(known))
    const { error } = await promise
    if (error) throw notMade(error, known)
  } finally {
    await children.end(patienceMs)
  }
}

function notMade(cause: Error, { storeDir }: KnownRun): BurstError {
  return new BurstError('runFailed', `the report could not be made: ${cause.message}`, {
    cause,
    hint: `the counts are kept in ${storeDir}; remove the cause, and repeat the command`,
  })
}

/** Returns the input for the finaliser, from the state that the coordinator stored. */
async function finaliseInput({ run, store }: KnownRun): Promise<FinaliseEvent> {
  const stored = await store.get(keys.coordinator(run))
  if (!stored) return { run, events: [], failed: [], failure: lostCoordinator }
  const { events, slices, failure, phase } = decodeState(stored.body)
  const failed = slices.flatMap(({ slice, attempt, lost }) => (lost === null ? [] : [{ slice, attempt, error: lost }]))
  return { run, events, failed, failure: failure ?? (phase === 'over' ? null : lostCoordinator) }
}

const lostCoordinator = {
  reason: 'runFailed',
  message: 'the run was ended immediately, before the end of its load',
} as const
