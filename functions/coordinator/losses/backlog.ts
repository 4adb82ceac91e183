import { counted } from '../../../core/words.ts'
import type { Coordination } from '../coordination.ts'

/**
 * After the load, a run waits at most this many milliseconds for the messages that are still in the queue. Each newly merged message extends this
 * time (`mayBeBehind`), except after a failure of the coordinator (`drained`). If a reducer is down for 3 minutes, the queue delivers the messages to
 * the reducer again within this time.
 */
export const longestBehindMs = 240_000

/**
 * Returns the number of messages that are waiting to be merged. Returns 0 if the number is unknown. The run then ends, and its report says which
 * counts are missing.
 */
export async function waitingIn({ plan, env }: Coordination): Promise<number> {
  try {
    return (await env.queue.waiting?.()) ?? 0
  } catch (error) {
    env.log('the waiting messages cannot be counted', { run: plan.run, error: String(error) })
    return 0
  }
}

/**
 * Returns a text that says how many messages the run is waiting for. `messages` is the approximate number of messages that are waiting to be merged.
 * They may belong to any run that shares the queue.
 */
export function waitInWords(messages: number): string {
  return `the run waits for ${counted(messages, 'message')} that the reducers have not merged yet`
}

/** Reports once, as an event and to the terminal, that the run waits for messages. */
export function tellWait(run: Coordination, messages: number): void {
  if (run.waitsFor !== undefined) return
  run.waitsFor = messages
  const shared =
    run.plan.backend === 'aws' ? '; all runs of the stack share the queue, so these may be messages of other runs' : ''
  run.tell(`${waitInWords(messages)}${shared}`)
}

/** Waits until the queue is empty or its number of messages is unknown, but no longer than `longestBehindMs`. Reports once that the run waits. */
export async function drained(run: Coordination): Promise<void> {
  const { clock } = run.env
  const untilMs = clock.nowMs() + longestBehindMs
  for (let left = await waitingIn(run); left > 0 && clock.nowMs() < untilMs; left = await waitingIn(run)) {
    tellWait(run, left)
    await clock.sleep(run.plan.timing.controlPollMs)
  }
}
