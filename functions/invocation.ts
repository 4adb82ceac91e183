import { BurstError } from '../core/errors.ts'
import type { WorkerEvent } from './events.ts'
import type { Environment, StageName } from './ports.ts'

/** The maximum number of invocations that one call of `launchWorkers` makes concurrently. */
const atOnce = 64
/**
 * The first pause before a refused invocation is repeated, in milliseconds. Each later pause is twice as long, up to `longestPauseMs`. The actual
 * pauses vary at random from 0.5 to 1.5 times these values.
 */
const firstPauseMs = 250
const longestPauseMs = 5_000

/** The time, in milliseconds, for which a refused invocation is repeated. Used only for invocations that the run needs in order to continue. */
export const invocationPatienceMs = 60_000

export interface Launch {
  attempt: number
  startAt: number
  /** Refused invocations are repeated until this time, in milliseconds since the call of `launchWorkers`. The time is the same for all slices. */
  patienceMs: number
  /** Called for each slice whose invocation was accepted, even if the invocation of another slice fails later. */
  accepted?: (slice: number) => void
  /**
   * Called before each try of an invocation. If this function returns false, no more workers are launched, and `launchWorkers` returns without an
   * error. Default: all workers are launched.
   */
  goesOn?: () => Promise<boolean>
}

/**
 * Starts a worker for each slice. A second start of the same attempt does no harm, because only one worker can claim the slice. After a temporary
 * refusal (throttling, a hanging network), the invocation is repeated until `patienceMs` has passed. When one invocation has failed and will not be
 * repeated, no further invocation begins, so some workers may not be started. `accepted` is called for each worker that was started.
 * @throws the last error of an invocation that failed, after all pending invocations have ended. If several invocations failed, throws the error of
 * only one of them. An invocation that failed with a BurstError is not repeated, because a repetition would not help.
 */
export async function launchWorkers(
  { plan, env }: { plan: { run: string }; env: Pick<Environment, 'invoker' | 'clock' | 'log'> },
  slices: readonly number[],
  { attempt, startAt, patienceMs, accepted, goesOn = async () => true }: Launch,
): Promise<void> {
  const left = [...slices]
  const until = env.clock.nowMs() + patienceMs
  let failed = false
  const mayGoOn = async (): Promise<boolean> => !failed && (await goesOn())
  const launchInTurn = async (): Promise<void> => {
    for (let slice = left.shift(); slice !== undefined; slice = left.shift()) {
      const event: WorkerEvent = { run: plan.run, slice, attempt, startAt }
      if (!(await invokePatiently(env, ['worker', event], { until, mayGoOn }))) return
      accepted?.(slice)
    }
  }
  const turns = Array.from({ length: Math.min(atOnce, slices.length) }, launchInTurn)
  // Waits for all launches, because a pending launch must not start a worker after the run was stopped.
  for (const turn of turns) turn.catch(() => (failed = true))
  const first = (await Promise.allSettled(turns)).find((one) => one.status === 'rejected')
  if (first) throw first.reason
}

/**
 * Starts a stage. After a temporary refusal, repeats the invocation until the time `until` (epoch milliseconds).
 * @returns false when `mayGoOn` returned false
 * @throws the error of the last invocation. A BurstError is thrown immediately, because a repetition would not help.
 */
export async function invokePatiently(
  { invoker, clock, log }: Pick<Environment, 'invoker' | 'clock' | 'log'>,
  [stage, event]: readonly [StageName, object],
  { until, mayGoOn }: { until: number; mayGoOn: () => Promise<boolean> },
): Promise<boolean> {
  for (let pauseMs = firstPauseMs; await mayGoOn(); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      await invoker.invoke(stage, event)
      return true
    } catch (error) {
      if (error instanceof BurstError || clock.nowMs() >= until) throw error
      log('a stage is invoked again', { stage, ...event, error: String(error) })
    }
    await clock.sleep(pauseMs * (0.5 + Math.random()))
  }
  return false
}
