import { Distribution } from '../window/histograms/distribution.ts'
import type { CheckCell, ErrorCell, RequestCell, Window } from '../window/window.ts'
import { isNamed } from '../counted-name.ts'
import type { Threshold } from '../thresholds/threshold.ts'
import { summed } from './summary.ts'

/** The counts from which thresholds are judged. The counts of several windows are merged. */
export type Counted = Pick<Window, 'requests' | 'checks' | 'steps' | 'metrics' | 'errors'>

/** The counts of one kind that a threshold can judge: requests, recorded samples, steps or a check. */
export interface Subject {
  count: number
  failed: number
  /** The number of failures in `failed` that burst itself caused. */
  generatorFailures: number
  /** The durations; empty if the threshold is not about times. */
  lengths: Distribution
}

/** The counts for one threshold, by kind. To judge a threshold, burst adds the counts of several windows. */
export interface Evidence {
  requests: Subject
  recorded: Subject
  steps: Subject
  check: Subject
}

const kinds = ['requests', 'recorded', 'steps', 'check'] as const

export function noEvidence(): Evidence {
  return { requests: nothingCounted(), recorded: nothingCounted(), steps: nothingCounted(), check: nothingCounted() }
}

function nothingCounted(): Subject {
  return { count: 0, failed: 0, generatorFailures: 0, lengths: new Distribution() }
}

/** Adds the counts of `from` to `into`. */
export function addEvidence(into: Evidence, from: Evidence): void {
  for (const kind of kinds) {
    into[kind].count += from[kind].count
    into[kind].failed += from[kind].failed
    into[kind].generatorFailures += from[kind].generatorFailures
    into[kind].lengths.add(from[kind].lengths)
  }
}

/** Selects the counts for a threshold. */
export function evidenceOf(threshold: Threshold, counted: Counted): Evidence {
  const { scope } = threshold
  if (scope.kind === 'check') return { ...noEvidence(), check: ofCheck(scope.check, counted.checks) }
  return {
    requests: ofRequests(threshold, counted),
    recorded: ofRecorded(threshold, counted),
    steps: ofSteps(threshold, counted),
    check: nothingCounted(),
  }
}

function ofCheck(wanted: string, checks: Counted['checks']): Subject {
  const cells = [...checks].filter(([name]) => isNamed(wanted, name)).map(([, cell]) => cell)
  const failed = sum(cells, (cell: CheckCell) => cell.failed)
  return { ...nothingCounted(), count: failed + sum(cells, (cell) => cell.passed), failed }
}

function ofRequests(threshold: Threshold, { requests, errors }: Counted): Subject {
  const cells = [...requests].filter(([key, cell]) => covers(threshold, key, cell)).map(([, cell]) => cell)
  return {
    count: sum(cells, (cell) => cell.requests),
    failed: sum(cells, (cell) => cell.failures),
    generatorFailures: ownFailures(cells, errors),
    lengths: lengthsFor(
      threshold,
      cells.map((cell) => (threshold.fromIntent ? cell.fromIntent : cell.latency)),
    ),
  }
}

/** Returns whether a threshold applies to a row of requests. */
export function covers({ scope }: Threshold, key: string, cell: RequestCell): boolean {
  if (scope.kind === 'all') return true
  if (scope.kind === 'tag') return cell.tags.some((tag) => isNamed(scope.tag, tag))
  return scope.kind === 'request' && (isNamed(scope.name, key) || isNamed(scope.name, cell.name))
}

function ownFailures(cells: readonly RequestCell[], errors: Window['errors']): number {
  const names = new Set(cells.map(nameOf))
  return sum(
    [...errors.values()].filter((cell) => cell.kind === 'generator' && names.has(nameOf(cell))),
    (cell: ErrorCell) => cell.count,
  )
}

/** Returns `METHOD name`, or the name alone if there is no method. */
export function nameOf({ method, name }: { method: string; name: string }): string {
  return `${method} ${name}`.trim()
}

function ofRecorded(threshold: Threshold, { metrics }: Counted): Subject {
  const wanted = wantedName(threshold)
  if (wanted === null) return nothingCounted()
  const cells = [...metrics.values()].filter(
    (cell) => wanted === undefined || isNamed(wanted, nameOf(cell)) || isNamed(wanted, cell.name),
  )
  return ofTimed(
    threshold,
    cells.map((cell) => ({ ...cell, failed: cell.failures })),
  )
}

function ofSteps(threshold: Threshold, { steps }: Counted): Subject {
  const wanted = wantedName(threshold)
  if (wanted === null) return nothingCounted()
  const cells = [...steps].filter(([name]) => wanted === undefined || isNamed(wanted, name)).map(([, cell]) => cell)
  return ofTimed(threshold, cells)
}

/**
 * Returns the name to which a threshold on samples or steps applies. Returns undefined for a threshold on all names. Returns null for a threshold on
 * a tag, because only requests have tags.
 */
function wantedName({ scope }: Threshold): string | undefined | null {
  if (scope.kind === 'tag') return null
  return scope.kind === 'request' ? scope.name : undefined
}

function ofTimed(
  threshold: Threshold,
  cells: readonly { count: number; failed: number; duration: Distribution }[],
): Subject {
  return {
    count: sum(cells, (cell) => cell.count),
    failed: sum(cells, (cell) => cell.failed),
    generatorFailures: 0,
    lengths: lengthsFor(
      threshold,
      cells.map((cell) => cell.duration),
    ),
  }
}

function lengthsFor({ unit }: Threshold, lengths: readonly Distribution[]): Distribution {
  return unit === 'ms' ? summed(lengths) : new Distribution()
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
