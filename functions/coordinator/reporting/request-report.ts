import { BurstError } from '../../../core/errors.ts'
import type { FinaliseEvent } from '../../events.ts'
import { keys } from '../../keys.ts'
import type { Coordination } from '../coordination.ts'
import { invocationPatienceMs, invokePatiently } from '../../invocation.ts'
import { Finalisers } from './finalisers.ts'
import { Succession } from '../succession.ts'

/** The maximum number of failed attempts to make the report. Further attempts do no harm, because every finaliser makes the same report. */
const tries = 4
/** The pause before the report is requested again after a failure, in milliseconds. The pause doubles with each failure. */
const firstPauseMs = 1_000

/**
 * Invokes the finaliser and waits for the report, unless the report already exists. When the report exists, the run no longer counts as active. If
 * the next coordinator takes over, returns before the report exists.
 * @throws BurstError (97) when the report could not be made; the run then still counts as active
 */
export async function requestReport(run: Coordination): Promise<void> {
  const { plan, env, failure } = run
  const outcome = (await isReported(run)) ? { error: null } : await report(run)
  if (outcome === 'left') return
  await env.store.delete(keys.variables(plan.run))
  if (outcome.error !== null) {
    throw new BurstError(
      'runFailed',
      `the report could not be made: ${outcome.error}${failure ? `; before that, the run had failed: ${failure.message}` : ''}`,
    )
  }
  await env.store.delete(keys.active(plan.run))
}

/** The result of the attempts to make the report. `left` means that the next coordinator waits for the report. */
type Outcome = { error: string | null } | 'left'

async function report(run: Coordination): Promise<Outcome> {
  const { env } = run
  const event = await eventOf(run)
  const finalisers = await Finalisers.of(run)
  const succession = new Succession(run)
  for (let failed = 0; ;) {
    await invoke(run, { ...event, invocation: finalisers.next() })
    const outcome = await outcomeOf(run, finalisers, succession)
    if (outcome === 'late') continue
    if (outcome === 'left' || outcome.error === null || ++failed === tries) return outcome
    await env.clock.sleep(firstPauseMs * 2 ** (failed - 1))
  }
}

async function eventOf(run: Coordination): Promise<FinaliseEvent> {
  const { plan, events, failure, windowEvents, began } = run
  const failed = (await run.failedWorkers()).map(({ slice, attempt, error }) => ({ slice, attempt, error }))
  const exceptions = windowEvents?.failures ?? []
  return { run: plan.run, events, failed, failure, began, ...(exceptions.length > 0 && { exceptions }) }
}

async function invoke({ plan, env }: Coordination, event: FinaliseEvent): Promise<void> {
  // If the plan was deleted, it is written again, because the report cannot be made without the plan.
  await env.store.put(keys.plan(plan.run), JSON.stringify(plan), { ifAbsent: true })
  const until = env.clock.nowMs() + invocationPatienceMs
  await invokePatiently(env, ['finalise', event], { until, mayGoOn: async () => true })
}

/**
 * Waits until the report exists, a finaliser has failed, or no finaliser has begun in time (`isLate`). Also ends when the next coordinator has taken
 * over (`left`). Ends with an error when the next coordinator is due, but the run has reached its maximum duration or its maximum number of
 * coordinators.
 */
async function outcomeOf(run: Coordination, finalisers: Finalisers, succession: Succession): Promise<Outcome | 'late'> {
  const { plan, env } = run
  for (;;) {
    if (await isReported(run)) return { error: null }
    const error = await finalisers.failure()
    if (error !== undefined) return { error }
    if (await finalisers.isLate()) return 'late'
    if (succession.isDue && !(await succession.invokeNext()))
      return { error: 'the run has exceeded the maximum duration' }
    if (await succession.isDone()) return 'left'
    await env.clock.sleep(Math.min(200, plan.timing.controlPollMs))
  }
}

async function isReported({ plan, env }: Coordination): Promise<boolean> {
  const key = keys.output(plan.run, 'report.json')
  return (await env.store.list(key)).includes(key)
}
