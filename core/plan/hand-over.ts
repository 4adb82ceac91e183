import { typedDuration } from '../duration.ts'
import { grouped, span } from '../words.ts'
import { invalidInput } from '../errors.ts'
import type { RunOptions } from './options.ts'
import type { HandOverTiming, RunPlan, Timing } from './plan.ts'

/** The maximum duration of an invocation on Lambda in milliseconds (AWS, "Lambda quotas"). */
const invocationMs = 15 * 60_000
/** The time in milliseconds that a worker reserves for reporting at the end of its invocation. */
export const reportingMs = 45_000
const usualIntervalMs = 10 * 60_000
export const longestIntervalMs = 12 * 60_000

type Planned = Pick<RunPlan, 'backend' | 'windowMs' | 'timing'>

/**
 * Returns the settings for hand-overs of users. On AWS, workers always hand their users over, because the duration of an invocation is limited. On
 * one machine, workers hand their users over only with `--interval`. On AWS without `--interval`, the interval is 10 min, or less if a worker has
 * less time for the load. The interval is always rounded down to whole windows.
 * @throws BurstError (104) when the interval is shorter than a window, or longer than the time that a worker has for the load; also when
 * `--stop-timeout` leaves a worker less than a window for the load
 */
export function handOverOf({ intervalMs: asked }: RunOptions, plan: Planned): Pick<RunPlan, 'handOver'> {
  const { backend, windowMs, timing } = plan
  if (asked === undefined && backend === 'local') return {}
  const most = backend === 'local' ? longestIntervalMs : mostOf(timing)
  const wishedMs = asked ?? Math.min(usualIntervalMs, most)
  const intervalMs = Math.floor(wishedMs / windowMs) * windowMs
  if (intervalMs < windowMs) throw tooShort(asked, plan)
  if (intervalMs > most) {
    throw invalidInput(`--interval is ${span(intervalMs)}, but a worker has time for at most ${span(most)} of load`, {
      hint: `give at most --interval ${typedDuration(Math.floor(most / 1000) * 1000)}${most < longestIntervalMs ? ', or a shorter --stop-timeout' : ''}`,
    })
  }
  return { handOver: { intervalMs, ...waits(backend, intervalMs) } }
}

function tooShort(asked: number | undefined, { windowMs, timing }: Planned): Error {
  if (asked !== undefined) {
    return invalidInput(`--interval is ${grouped(asked)} ms`, {
      hint: `give at least ${typedDuration(windowMs)}: a worker is replaced only at the end of a window`,
    })
  }
  return invalidInput(`with a --stop-timeout of ${span(timing.drainMs)}, a worker on AWS has no time for the load`, {
    hint: 'a worker runs for at most 15 minutes, including its start and its end',
  })
}

/**
 * Returns the maximum time for the load in one invocation: the duration of an invocation, minus the times for the start, the drain and the report;
 * from 0 to `longestIntervalMs`.
 */
function mostOf({ startLeadMs, drainMs }: Timing): number {
  return Math.max(0, Math.min(longestIntervalMs, invocationMs - reportingMs - startLeadMs - drainMs))
}

/**
 * Returns two durations of a hand-over. The first is the time from the start of the next worker until the beginning of its turn. The second is the
 * time for which the next worker then waits for the users of the previous worker. On AWS, the first duration is longer, because the start of a worker
 * may take long. On one machine, the first duration is shorter, because a waiting worker takes CPU time from the running workers.
 */
function waits(backend: RunPlan['backend'], intervalMs: number): Omit<HandOverTiming, 'intervalMs'> {
  const [aheadMs, waitMs] = backend === 'local' ? [10_000, 5_000] : [30_000, 2_000]
  return { aheadMs: Math.min(aheadMs, intervalMs), waitMs }
}
