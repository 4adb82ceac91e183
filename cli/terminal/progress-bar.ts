/** Returns a progress bar of `width` columns. `share` (0–1) is the completed part. */
export function progressBar(share: number, width: number): { done: string; left: string } {
  const cells = Math.max(0, width)
  const done = Math.round(Math.min(1, Math.max(0, share)) * cells)
  return { done: '━'.repeat(done), left: '─'.repeat(cells - done) }
}
