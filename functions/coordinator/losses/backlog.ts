import type { Coordination } from '../coordination.ts'

/**
 * The longest time without a newly merged message, after the load, for which a run waits for messages that are in the queue, milliseconds:
 * a reducer that is down for 3 minutes, and then the wait for the next delivery of its messages.
 */
export const longestBehindMs = 240_000

/** How many messages wait to be merged. 0 if that is unknown: the run then ends, and its report names what is missing. */
export async function waitingIn({ plan, env }: Coordination): Promise<number> {
  try {
    return (await env.queue.waiting?.()) ?? 0
  } catch (error) {
    env.log('the waiting messages cannot be counted', { run: plan.run, error: String(error) })
    return 0
  }
}

/** Waits until no message is in the queue, but no longer than `longestBehindMs`. */
export async function drained(run: Coordination): Promise<void> {
  const { clock } = run.env
  const untilMs = clock.nowMs() + longestBehindMs
  while (clock.nowMs() < untilMs && (await waitingIn(run)) > 0) await clock.sleep(run.plan.timing.controlPollMs)
}
