/** The longest time until a message is delivered again, in milliseconds. */
const longestMs = 30_000
/**
 * The number of deliveries that follow each other without a wait, because the next try usually succeeds. A message waits before each further
 * delivery.
 */
const promptReceives = 3

/**
 * Returns how long a message that could not be merged waits for its next delivery, in milliseconds. The first deliveries follow without a wait,
 * because all other messages of the group must wait for this message. Before each later delivery, the wait is longer. Without these waits, a message
 * would use up its deliveries if the store fails for minutes.
 * @param receives the number of deliveries of the message so far
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
