/** The longest wait before a message is delivered again, in milliseconds. */
const longestMs = 30_000
/**
 * A message that has been delivered at most this many times is delivered again without a wait, because the next delivery usually succeeds. A message
 * that has been delivered more often waits before its next delivery.
 */
const promptReceives = 3

/**
 * Returns how long a message that could not be merged waits for its next delivery, in milliseconds. The first deliveries follow each other without a
 * wait, because all other messages of the group must wait for this message. After that, each wait is twice as long as the previous one, up to 30 s.
 * Without these waits, a message would use up its deliveries if the store failed for several minutes.
 * @param receives the number of deliveries of the message so far
 */
export function redeliveryMs(receives: number): number {
  if (receives <= promptReceives) return 0
  return Math.min(longestMs, 1000 * 2 ** (receives - promptReceives - 1))
}
