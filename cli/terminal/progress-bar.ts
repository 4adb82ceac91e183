/** Returns a progress bar of `width` columns. `share` is the completed fraction. Values below 0 count as 0, and values above 1 count as 1. */
export function progressBar(share: number, width: number): { done: string; left: string } {
  const cells = Math.max(0, width)
  const done = Math.round(Math.min(1, Math.max(0, share)) * cells)
  return { done: '━'.repeat(done), left: '─'.repeat(cells - done) }
}
