/** The most that a message waits until it comes again, milliseconds. */
const longestMs = 30_000
/** So often it comes again at once: the next try mostly goes well. */
const promptReceives = 3

/**
 * How long a message that could not be merged waits until it comes again, milliseconds. At first not at all, since a message holds up its
 * whole group; then longer and longer, so that a store that is down for minutes does not use up the deliveries of a message.
 * @param receives how often it has come
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
