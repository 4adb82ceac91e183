/** A bar of `width` columns of which `share` (0–1) is done. */
export function progressBar(share: number, width: number): { done: string; left: string } {
  const cells = Math.max(0, width)
  const done = Math.round(Math.min(1, Math.max(0, share)) * cells)
  return { done: '━'.repeat(done), left: '─'.repeat(cells - done) }
}
