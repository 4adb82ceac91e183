import type { NameFigures, WindowFigures } from '../../authoring/run-event.ts'
import { greatest } from '../../extremes.ts'
import { mergedCell } from '../../verdict/summary.ts'
import { type RequestCell, type Window, emptyWindow, otherNames } from '../../window/window.ts'

/**
 * The maximum number of names in an event, and the maximum number of characters in a name. These limits ensure that an event fits into one
 * invocation.
 */
const [nameRows, nameCap] = [100, 300] as const

/** Returns a window with only those counts that the event `windowClosed` needs. The result shares objects with the given window. */
export function eventCountsOf({ requests, seconds }: Window): Window {
  return { ...emptyWindow(), requests, seconds }
}

/**
 * Returns the values of consecutive windows, for `onEvent`.
 * @param span the first and the last window; `isLast`: whether the run ends within the span
 */
export function closedWindow(
  { requests, seconds }: Pick<Window, 'requests' | 'seconds'>,
  { from, to, windowMs, isLast = false }: { from: number; to: number; windowMs: number; isLast?: boolean },
): WindowFigures {
  const lastSecond = greatest(seconds.keys(), Number, (from * windowMs) / 1000)
  const fromS = (from * windowMs) / 1000
  const gridS = ((to + 1) * windowMs) / 1000
  const toS = isLast ? Math.min(gridS, lastSecond + 1) : gridS
  const cells = [...requests.values()]
  return {
    fromS,
    toS,
    users: seconds.get(lastSecond)?.users ?? 0,
    ...figuresOf(mergedCell(cells), toS - fromS),
    names: namesOf(cells, toS - fromS),
  }
}

function namesOf(cells: readonly RequestCell[], lengthS: number): NameFigures[] {
  const own = cells
    .filter(({ name }) => name !== otherNames)
    .toSorted((a, b) => b.requests - a.requests || (keyOf(a) < keyOf(b) ? -1 : 1))
  const kept = own.slice(0, cells.length <= nameRows ? nameRows : nameRows - 1)
  const rest = cells.filter((cell) => !kept.includes(cell))
  const rows = kept.map((cell) => ({
    method: cell.method.slice(0, nameCap),
    name: cell.name.slice(0, nameCap),
    ...figuresOf(cell, lengthS),
  }))
  return rest.length === 0
    ? rows
    : [...rows, { method: '*', name: otherNames, ...figuresOf(mergedCell(rest), lengthS) }]
}

function keyOf({ method, name }: RequestCell): string {
  return `${method} ${name}`
}

function figuresOf(
  { requests, failures, latency }: Pick<RequestCell, 'requests' | 'failures' | 'latency'>,
  lengthS: number,
): Pick<NameFigures, 'requests' | 'failures' | 'rps' | 'latencyMs'> {
  const at = (percentile: number): number | null => latency.percentileMs(percentile) ?? null
  return { requests, failures, rps: requests / lengthS, latencyMs: { p50: at(50), p95: at(95), p99: at(99) } }
}
