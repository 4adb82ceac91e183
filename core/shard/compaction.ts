import type { SealedWindow, ShardState } from './shard.ts'

/** The maximum number of sealed windows that one compaction reads. The next compaction reads the rest. */
const mostPieces = 64

/** Returns the number of windows of the grid that one object holds after compaction. */
export function windowsPerMinute(windowMs: number): number {
  return Math.max(1, Math.round(60_000 / windowMs))
}

/** Returns the minute to which an object belongs. All windows of the object are in this minute. */
export function minuteOf({ window }: Pick<SealedWindow, 'window'>, windowMs: number): number {
  return Math.floor(window / windowsPerMinute(windowMs))
}

/**
 * Returns the sealed windows that the next compaction merges into one object, in the order in which they were sealed. All these windows are in one
 * minute, which has ended by the shard's clock. They are neighbours among the references of the minute, so a compaction does not change the order of
 * the references. Empty if no minute that has ended has two readable neighbours.
 */
export function compactable(
  state: Pick<ShardState, 'sealed' | 'clockMs'>,
  { startAt, windowMs }: { startAt: number; windowMs: number },
): SealedWindow[] {
  const minuteMs = windowsPerMinute(windowMs) * windowMs
  // A minute has ended when its last window can be sealed, as in `sealable`.
  const over = Math.floor((state.clockMs - startAt - 2 * windowMs - 1) / minuteMs)
  const due = new Map<number, SealedWindow[]>()
  for (const one of state.sealed) {
    const minute = minuteOf(one, windowMs)
    if (minute >= over) continue
    const pieces = due.get(minute) ?? []
    if (isComplete(pieces, one)) return pieces
    if (one.unreadable) due.delete(minute)
    else {
      pieces.push(one)
      due.set(minute, pieces)
    }
  }
  return [...due.values()].find((pieces) => pieces.length > 1) ?? []
}

/** Returns whether these pieces must be merged now: there are as many as one compaction reads, or the next object of their minute is unreadable. */
function isComplete(pieces: readonly SealedWindow[], next: SealedWindow): boolean {
  return pieces.length === mostPieces || (next.unreadable === true && pieces.length > 1)
}

/** Replaces several objects by one object, at the position of the first. The new object counts as many pieces as the replaced objects together. */
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
