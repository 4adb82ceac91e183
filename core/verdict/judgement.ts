import type { ThresholdEntry } from './results.ts'
import { mergedCell, rateOf } from './summary.ts'
import { type Threshold, holds, timeOf } from './thresholds.ts'
import type { CheckCell, RequestCell, Window } from '../window/window.ts'
import { few } from '../words.ts'

/** What thresholds are held against: the whole run, merged. */
export interface Measured {
  requests: Window['requests']
  checks: Window['checks']
  /** The time that rates are taken over. */
  loadSeconds: number
}

/** Holds a threshold against what was measured. One that names nothing that happened fails, and says what there was. */
export function judge(threshold: Threshold, measured: Measured): ThresholdEntry {
  const { expression, unit, scope } = threshold
  const found = scope.kind === 'check' ? ofCheck(scope.check, measured) : ofRequests(threshold, measured)
  if (typeof found === 'string') return { expression, value: null, unit, passed: false, note: found }
  return { expression, value: found, unit, passed: holds(threshold, found), note: null }
}

function ofCheck(name: string, { checks }: Measured): number | string {
  const cell = checks.get(name)
  if (!cell || cell.passed + cell.failed === 0) return noSuch(`no check is called '${name}'`, [...checks.keys()], name)
  return shareFailed(cell)
}

function shareFailed({ passed, failed }: CheckCell): number {
  return (100 * failed) / (passed + failed)
}

function ofRequests(threshold: Threshold, { requests, loadSeconds }: Measured): number | string {
  const cells = [...requests].filter(([key, cell]) => covers(threshold, key, cell)).map(([, cell]) => cell)
  const cell = mergedCell(cells)
  if (cell.requests === 0) return nothingThere(threshold, [...requests.values()])
  if (threshold.measure.kind === 'errors') return (100 * cell.failures) / cell.requests
  if (threshold.measure.kind === 'rps') return rateOf(cell.requests, loadSeconds)
  const value = timeOf(threshold.measure, threshold.fromIntent ? cell.fromIntent : cell.latency)
  return value ?? 'no request got far enough to be timed'
}

function covers({ scope }: Threshold, key: string, cell: RequestCell): boolean {
  if (scope.kind === 'all') return true
  if (scope.kind === 'tag') return cell.tags.includes(scope.tag)
  return scope.kind === 'request' && (scope.name === key || scope.name === cell.name)
}

function nothingThere({ scope }: Threshold, cells: RequestCell[]): string {
  const sent = cells.filter((cell) => cell.requests > 0)
  if (scope.kind === 'tag') {
    const tags = [...new Set(sent.flatMap((cell) => cell.tags))]
    return noSuch(`no request has the tag '${scope.tag}'`, tags, scope.tag)
  }
  if (scope.kind !== 'request') return 'no request was made'
  const names = sent.map((cell) => `${cell.method} ${cell.name}`.trim())
  return noSuch(`no request is called '${scope.name}'`, names, scope.name)
}

function noSuch(sentence: string, there: string[], wanted: string): string {
  if (there.length === 0) return `${sentence}; there was none at all`
  const far = new Map(there.map((name) => [name, distance(name.toLowerCase(), wanted.toLowerCase())]))
  const nearest = there.toSorted((a, b) => (far.get(a) as number) - (far.get(b) as number) || (a < b ? -1 : 1))
  return `${sentence}; there were ${few(nearest)}`
}

/** Letters to change, add or take away until one text is the other (Levenshtein); of long texts the first 100 letters count. */
function distance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 100), b.slice(0, 100)]
  let row = Array.from({ length: to.length + 1 }, (_, k) => k)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let k = 0; k < to.length; k++) {
      const changed = (row[k] as number) + (from[i] === to[k] ? 0 : 1)
      next.push(Math.min(changed, (row[k + 1] as number) + 1, (next[k] as number) + 1))
    }
    row = next
  }
  return row.at(-1) as number
}
