/** The longest time until a message is delivered again, milliseconds. */
const longestMs = 30_000
/**
 * Up to this number of deliveries, a message is delivered again at once, because the next try usually succeeds. After that, the message waits before
 * each further delivery.
 */
const promptReceives = 3

/**
 * Returns the time that a message that could not be merged waits until its next delivery, milliseconds. At first the message does not wait, because
 * it holds up its whole group. Later the wait grows, so that a store that fails for minutes does not use up the deliveries of a message.
 * @param receives the number of deliveries of the message so far
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
