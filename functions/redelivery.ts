/** The longest time until a message is delivered again, in milliseconds. */
const longestMs = 30_000
/**
 * The number of deliveries that follow each other without a wait, because the next try usually succeeds. A message waits before each further
 * delivery.
 */
const promptReceives = 3

/**
 * Returns how long a message that could not be merged waits for its next delivery, in milliseconds. At first the message does not wait, because its
 * whole group must wait for the message. Later the wait grows. Otherwise, a message would use up its deliveries while the store fails for minutes.
 * @param receives the number of deliveries of the message so far
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
