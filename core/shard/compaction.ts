import type { SealedWindow, ShardState } from './shard.ts'

/** Sealed windows that are read for one compaction at most: the others wait for the next one. */
const mostPieces = 64

/** Windows of the grid that are compacted into one object. */
export function windowsPerMinute(windowMs: number): number {
  return Math.max(1, Math.round(60_000 / windowMs))
}

/**
 * The sealed windows that are due to become one object: those of the first minute that is over, by the shard's own clock, and has several.
 * In the order in which they were sealed; empty where none are due.
 */
export function compactable(
  state: Pick<ShardState, 'sealed' | 'clockMs'>,
  { startAt, windowMs }: { startAt: number; windowMs: number },
): SealedWindow[] {
  const size = windowsPerMinute(windowMs)
  // As `sealable`: a minute is over when its last window is.
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

/** Puts one object in the place of the first of several. It counts as many pieces as they did. */
export function replaceSealed(state: Pick<ShardState, 'sealed'>, replaced: readonly SealedWindow[], key: string): void {
  const windows = [...new Set(replaced.flatMap(windowsOf))].toSorted((a, b) => a - b)
  const pieces = replaced.reduce((sum, one) => sum + piecesIn(one), 0)
  const [first, ...others] = replaced
  const gone = new Set<SealedWindow>(others)
  state.sealed = state.sealed
    .filter((one) => !gone.has(one))
    .map((one) => (one === first ? { window: windows[0] as number, key, windows, pieces } : one))
}

/** The windows of the grid that an object holds. */
export function windowsOf({ window, windows }: SealedWindow): readonly number[] {
  return windows ?? [window]
}

/** How many windows, or parts of them, were sealed into an object. */
export function piecesIn({ pieces = 1 }: SealedWindow): number {
  return pieces
}
