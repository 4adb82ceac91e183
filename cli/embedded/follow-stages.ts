import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { FinaliseEvent, WorkerEvent } from '../../functions/events.ts'
import { keys } from '../../functions/keys.ts'
import type { Invoker, Store } from '../../functions/ports.ts'
import type { Ended } from './children.ts'

/** What becomes of a run when its coordinator ends. */
export interface StageFollower {
  onEnd(ended: Ended, invoker: Invoker): void
  /** Resolves when the run has ended and its report should be there; rejects when there can be none. */
  ended: Promise<void>
  giveUp(error: Error): void
}

/** A coordinator that is lost has one successor, as Lambda would retry it; when that is lost too, the report is asked for directly. */
export function followStages(plan: RunPlan, store: Store): StageFollower {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const errors: Error[] = []
  const failed = async (error: Error, invoker: Invoker): Promise<void> => {
    errors.push(error)
    if ((await store.list(keys.output(plan.run, 'report.json'))).length > 0) return resolve()
    if (error instanceof BurstError && errors.length === 1) return reject(error)
    if (errors.length === 1) return invoker.invoke('coordinator', { run: plan.run })
    if (errors.length === 2) return invoker.invoke('finalise', await lastWords(plan, error, invoker))
    return reject(noReport(errors))
  }
  const settle = ({ stage, error }: Ended, invoker: Invoker): void => {
    if (stage === 'worker' || stage === 'merge') return
    if (stage === 'finalise' && errors.length < 2) return
    if (error) failed(error, invoker).catch(reject)
    else resolve()
  }
  return { onEnd: settle, ended: promise, giveUp: reject }
}

async function lastWords(plan: RunPlan, error: Error, invoker: Invoker): Promise<FinaliseEvent> {
  const failures = (await invoker.failed(plan.run)).filter(({ stage }) => stage === 'worker')
  return {
    run: plan.run,
    events: [],
    failed: failures.map((failure) => {
      const { slice, attempt } = failure.event as WorkerEvent
      return { slice, attempt, error: failure.error }
    }),
    failure: { reason: 'runFailed', message: `the coordinator was lost twice: ${error.message}` },
  }
}

function noReport(errors: readonly Error[]): BurstError {
  const said = [...new Set(errors.map((error) => error.message))].join('; then ')
  return new BurstError('runFailed', `the run failed and left no report: ${said}`, { cause: errors[0] })
}
