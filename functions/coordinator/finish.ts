import { BurstError } from '../../core/errors.ts'
import type { FinaliseEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'

/** A report that fails is tried once more: making it twice gives the same. */
const tries = 2

/**
 * Has the report made and waits for it; then the run is not active any more.
 * @throws BurstError (97) when it could not be made
 */
export async function finish(run: Coordination): Promise<void> {
  const { plan, env, events, failure } = run
  const event: FinaliseEvent = { run: plan.run, events, failed: await run.failedWorkers(), failure }
  let error: string | undefined
  for (let k = 1; k <= tries; k++) {
    await env.invoker.invoke('finalise', event)
    error = await reportOrError(run, k)
    if (error === undefined) break
  }
  if (error !== undefined) {
    throw new BurstError(
      'runFailed',
      `the report could not be made: ${error}${failure ? `; before that, ${failure.message}` : ''}`,
    )
  }
  await env.store.delete(keys.active(plan.run))
}

/** Undefined when the report is there; the error when as many attempts as were made have failed. */
async function reportOrError({ plan, env }: Coordination, made: number): Promise<string | undefined> {
  const key = keys.output(plan.run, 'report.json')
  for (;;) {
    if ((await env.store.list(key)).includes(key)) return undefined
    const failures = (await env.invoker.failed(plan.run)).filter(({ stage }) => stage === 'finalise')
    if (failures.length >= made) return failures.at(-1)?.error
    await env.clock.sleep(Math.min(200, plan.timing.controlPollMs))
  }
}
