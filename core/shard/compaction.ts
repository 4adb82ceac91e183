import type { SealedWindow, ShardState } from './shard.ts'

/** The maximum number of sealed windows that one compaction reads. The next compaction reads the rest. */
const mostPieces = 64

/** Returns the number of windows of the grid that one object holds after compaction. */
export function windowsPerMinute(windowMs: number): number {
  return Math.max(1, Math.round(60_000 / windowMs))
}

/**
 * Returns the sealed windows that the next compaction merges into one object, in the order in which they were sealed. They belong to the first minute
 * that has ended by the shard's own clock and that has more than one object. Empty if there is no such minute.
 */
export function compactable(
  state: Pick<ShardState, 'sealed' | 'clockMs'>,
  { startAt, windowMs }: { startAt: number; windowMs: number },
): SealedWindow[] {
  const size = windowsPerMinute(windowMs)
  // A minute has ended when its last window can be sealed, as in `sealable`.
  const over = Math.floor((state.clockMs - startAt - 2 * windowMs - 1) / (size * windowMs))
  const due = new Map<number, SealedWindow[]>()
  for (const one of state.sealed) {
    const minute = Math.floor(one.window / size)
    if (minute >= over || one.unreadable) continue
    const pieces = due.get(minute)
    if (!pieces) due.set(minute, [one])
    else if (pieces.push(one) === mostPieces) return pieces
  }
  return [...due.values()].find((pieces) => pieces.length > 1) ?? []
}

/**
 * Replaces several objects by one object, at the position of the first. The number of pieces of the new object is the sum of the pieces of the
 * replaced objects.
 */
export function replaceSealed(state: Pick<ShardState, 'sealed'>, replaced: readonly SealedWindow[], key: string): void {
  const windows = [...new Set(replaced.flatMap(windowsOf))].toSorted((a, b) => a - b)
  const pieces = replaced.reduce((sum, one) => sum + piecesIn(one), 0)
  const [first, ...others] = replaced
  const gone = new Set<SealedWindow>(others)
  state.sealed = state.sealed
    .filter((one) => !gone.has(one))
    .map((one) => (one === first ? { window: windows[0] as number, key, windows, pieces } : one))
}

/** Returns the windows of the grid that an object holds. */
export function windowsOf({ window, windows }: SealedWindow): readonly number[] {
  return windows ?? [window]
}

/** Returns the number of windows, or parts of windows, in an object. */
export function piecesIn({ pieces = 1 }: SealedWindow): number {
  return pieces
}
