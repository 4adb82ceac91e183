/** The longest time until a message is delivered again, milliseconds. */
const longestMs = 30_000
/** After up to this many deliveries, a message is delivered again at once, because the next try usually succeeds. */
const promptReceives = 3

/**
 * Returns how long a message that could not be merged waits until it is delivered again, milliseconds. At first it does not wait, because a message
 * holds up its whole group. Later the wait grows, so that a store that fails for minutes does not use up the deliveries of a message.
 * @param receives how often the message was delivered
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
