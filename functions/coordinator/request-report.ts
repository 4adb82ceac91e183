import { BurstError } from '../../core/errors.ts'
import type { FinaliseEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'
import { invocationPatienceMs, invokePatiently } from '../invocation.ts'
import { handOver, isEnding } from './succession.ts'

/** The most tries to make the report. Each try that succeeds gives the same report. */
const tries = 4
/** The pause before the report is requested again, milliseconds; it doubles each time. */
const firstPauseMs = 1_000

/**
 * Invokes the finaliser and waits for the report; then the run no longer counts as active.
 * @throws BurstError (97) when the report could not be made
 */
export async function requestReport(run: Coordination): Promise<void> {
  const { plan, env, failure } = run
  const outcome = (await isReported(run)) ? { error: null } : await report(run)
  if (outcome === 'left') return
  await env.store.delete(keys.variables(plan.run))
  if (outcome.error !== null) {
    throw new BurstError(
      'runFailed',
      `the report could not be made: ${outcome.error}${failure ? `; before that, ${failure.message}` : ''}`,
    )
  }
  await env.store.delete(keys.active(plan.run))
}

/** The result of making the report; `left`: the next coordinator waits for the report. */
type Outcome = { error: string | null } | 'left'

async function report(run: Coordination): Promise<Outcome> {
  const { plan, env, events, failure, windowEvents } = run
  const failed = (await run.failedWorkers()).map(({ slice, attempt, error }) => ({ slice, attempt, error }))
  const exceptions = windowEvents?.failures ?? []
  const event: FinaliseEvent = {
    run: plan.run,
    events,
    failed,
    failure,
    began: run.began,
    ...(exceptions.length > 0 && { exceptions }),
  }
  for (let k = 1; ; k++) {
    const before = (await failures(run)).length
    // The report cannot be made without the plan, which may have been deleted.
    await env.store.put(keys.plan(plan.run), JSON.stringify(plan), { ifAbsent: true })
    await invokePatiently(env, ['finalise', event], {
      until: env.clock.nowMs() + invocationPatienceMs,
      mayGoOn: async () => true,
    })
    const outcome = await reportOrError(run, before)
    if (k === tries || outcome === 'left' || outcome.error === null) return outcome
    await env.clock.sleep(firstPauseMs * 2 ** (k - 1))
  }
}

/** Waits until the report exists or another attempt to make it has failed. */
async function reportOrError(run: Coordination, before: number): Promise<Outcome> {
  const { plan, env } = run
  for (;;) {
    if (await isReported(run)) return { error: null }
    const all = await failures(run)
    if (all.length > before) return { error: all.at(-1) ?? '' }
    if (isEnding(run)) return (await handOver(run)) ? 'left' : { error: 'it took longer than a run may take' }
    await env.clock.sleep(Math.min(200, plan.timing.controlPollMs))
  }
}

async function failures({ plan, env }: Coordination): Promise<string[]> {
  const all = await env.invoker.failed(plan.run)
  return all.filter(({ stage }) => stage === 'finalise').map(({ error }) => error)
}

async function isReported({ plan, env }: Coordination): Promise<boolean> {
  const key = keys.output(plan.run, 'report.json')
  return (await env.store.list(key)).includes(key)
}
