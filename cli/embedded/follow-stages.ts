import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { decodeState } from '../../functions/coordinator/state.ts'
import { stopRun } from '../../functions/control/change-control.ts'
import type { CoordinatorEvent, FinaliseEvent, WorkerEvent } from '../../functions/events.ts'
import { keys } from '../../functions/keys.ts'
import type { Clock, Invoker, Store } from '../../functions/ports.ts'
import type { Ended } from './processes/children.ts'

/** Follows a run from one coordinator to the next. */
export interface StageFollower {
  onEnd(ended: Ended, invoker: Invoker): void
  /** Resolves when the run has ended and its report should exist; rejects when no report can be made. */
  ended: Promise<void>
  giveUp(error: Error): void
}

/**
 * After this number of lost coordinators, burst requests the report itself, because a further coordinator would probably be lost for the same reason.
 */
const mostLost = 5

/**
 * Starts a new coordinator when the current coordinator is lost. After `mostLost` losses, ends the load and invokes the finaliser itself. If the
 * first coordinator fails with a BurstError and there is no report, does not start a new coordinator. `ended` then rejects with this error.
 */
export function followStages(plan: RunPlan, place: { store: Store; clock: Clock }): StageFollower {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const lost: Error[] = []
  let finalising = false
  const failed = async (error: Error, invoker: Invoker): Promise<void> => {
    lost.push(error)
    if ((await place.store.list(keys.output(plan.run, 'report.json'))).length > 0) return resolve()
    if (finalising || (error instanceof BurstError && lost.length === 1)) return reject(noReport(lost))
    if (lost.length < mostLost) return invoker.invoke('coordinator', await afterTheLost(plan, place.store))
    finalising = true
    await endLoad(plan, place)
    await invoker.invoke(
      'finalise',
      await finaliseInput(plan, { at: place.clock.nowMs(), text: error.message }, invoker),
    )
  }
  const settle = ({ stage, error }: Ended, invoker: Invoker): void => {
    if (stage === 'hook' || stage === 'worker' || stage === 'merge') return
    if (stage === 'finalise' && !finalising) return
    if (error) failed(error, invoker).catch(reject)
    else resolve()
  }
  return { onEnd: settle, ended: promise, giveUp: reject }
}

/**
 * Returns the event for the next coordinator. The event says that the process of the lost coordinator has ended. The next coordinator therefore does
 * not wait until the lease expires.
 */
async function afterTheLost({ run }: RunPlan, store: Store): Promise<CoordinatorEvent> {
  const stored = await store.get(keys.coordinator(run))
  return stored ? { run, after: decodeState(stored.body).epoch, lost: true } : { run }
}

/** Stops the workers after their coordinator was lost, and gives them time to send their counts. */
async function endLoad({ run, timing, flushMs }: RunPlan, place: { store: Store; clock: Clock }): Promise<void> {
  await stopRun(place, run, tooMany)
  await place.clock.sleep(timing.controlPollMs + timing.stopMs + 2 * flushMs)
}

const tooMany = `the coordinator was lost ${mostLost} times`

async function finaliseInput(
  plan: RunPlan,
  last: { at: number; text: string },
  invoker: Invoker,
): Promise<FinaliseEvent> {
  const failures = (await invoker.failed(plan.run)).filter(({ stage }) => stage === 'worker')
  return {
    run: plan.run,
    events: [last],
    failed: failures.map((failure) => {
      const { slice, attempt } = failure.event as WorkerEvent
      return { slice, attempt, error: failure.error }
    }),
    failure: { reason: 'runFailed', message: tooMany },
  }
}

function noReport(errors: readonly Error[]): Error {
  const [first] = errors
  if (errors.length === 1 && first instanceof BurstError) return first
  const said = [...new Set(errors.map((error) => error.message))].join('; then ')
  return new BurstError('runFailed', `the run failed and left no report: ${said}`, { cause: first })
}
