import type { SealedWindow, ShardState } from './shard.ts'

/** The maximum number of objects that one compaction reads. The next compaction reads the remaining objects. */
const mostPieces = 64

/** Returns the number of windows of one minute. After compaction, an object contains at most this number of different windows. */
export function windowsPerMinute(windowMs: number): number {
  return Math.max(1, Math.round(60_000 / windowMs))
}

/** Returns the number of the minute to which all windows in an object belong. */
export function minuteOf({ window }: Pick<SealedWindow, 'window'>, windowMs: number): number {
  return Math.floor(window / windowsPerMinute(windowMs))
}

/**
 * Returns the sealed windows that the next compaction merges into one object, in the order in which the windows were sealed. All these windows belong
 * to one minute, which has ended according to the shard's clock. The windows are neighbours in the minute's list of references, so a compaction does
 * not change the order of the references. The result is empty if no ended minute has two readable neighbours.
 */
export function compactable(
  state: Pick<ShardState, 'sealed' | 'clockMs'>,
  { startAt, windowMs }: { startAt: number; windowMs: number },
): SealedWindow[] {
  const minuteMs = windowsPerMinute(windowMs) * windowMs
  // A minute has ended when its last window can be sealed by the rule of `sealable`.
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

/**
 * Returns whether these pieces must be merged now. They must be merged if their number is the maximum of one compaction. Two or more pieces must also
 * be merged if the next object of their minute is unreadable.
 */
function isComplete(pieces: readonly SealedWindow[], next: SealedWindow): boolean {
  return pieces.length === mostPieces || (next.unreadable === true && pieces.length > 1)
}

/**
 * Replaces several objects with one object, at the position of the first replaced object. The piece count of the new object is the sum of the piece
 * counts of the replaced objects.
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

/** Returns the numbers of the windows that an object contains. */
export function windowsOf({ window, windows }: SealedWindow): readonly number[] {
  return windows ?? [window]
}

/** Returns the number of windows, or parts of windows, in an object. */
export function piecesIn({ pieces = 1 }: SealedWindow): number {
  return pieces
}
