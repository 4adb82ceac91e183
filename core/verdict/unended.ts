import { hdrExtentOf } from '../window/histograms/distribution.ts'
import type { RequestCell } from '../window/window.ts'
import { counted, few, milliseconds, percent } from '../words.ts'
import type { Finding } from './finding.ts'

/**
 * The unended requests of one name. When burst cut off these requests, they had been open for more than twice the greatest latency of the name, and
 * for more than 1 s. If the name has no measured latency, they had been open for more than 10 s.
 */
export interface UnendedName {
  method: string
  name: string
  /** The number of requests that ended. */
  ended: number
  unended: number
  /** The longest time in milliseconds for which one of the unended requests was open. */
  longestMs: number
  /** The greatest latency, in milliseconds, of the requests that ended; null if no latency was measured. */
  greatestMs: number | null
}

/**
 * A request that burst cut off counts as unended if it was open for more than this time, in milliseconds. If the name has measured latencies, the
 * limit is twice the greatest latency of the name, but at least `beside`. Otherwise the limit is `alone`, the time for which burst by default waits
 * for open requests at the end of the load.
 */
const least = { beside: 1_000, alone: 10_000 }
/**
 * A name has too many unended requests in two cases: more than this fraction of the name's requests is unended, or users spent more than this
 * fraction of the user time waiting for unended requests.
 */
const mayLack = 0.01

/**
 * Returns each name with so many unended requests that the percentiles of the name are too low. The exact latency of a request that was cut off is
 * unknown, but the latency is at least the time for which the request was open.
 * @param userMs the time in milliseconds for which users existed, summed over all users; null with arrivals
 */
export function unendedNames(cells: Iterable<RequestCell>, userMs: number | null): UnendedName[] {
  const found = [...cells].flatMap((cell) => {
    const { unended, openMs } = overdueIn(cell)
    const many = unended > mayLack * (cell.requests + unended) || (userMs !== null && openMs > mayLack * userMs)
    return unended > 0 && many ? [nameOf(cell, unended)] : []
  })
  return found.toSorted((a, b) => b.unended - a.unended || (a.name < b.name ? -1 : 1))
}

function overdueIn({ open, latency }: RequestCell): { unended: number; openMs: number } {
  const leastMs = latency.count === 0 ? least.alone : Math.max(least.beside, (2 * latency.maxUs) / 1000)
  const overdue = { unended: 0, openMs: 0 }
  open.eachPlace((place, count) => {
    const ms = hdrExtentOf(place).fromUs / 1000
    if (ms <= leastMs) return
    overdue.unended += count
    overdue.openMs += count * ms
  })
  return overdue
}

function nameOf({ method, name, requests, open, latency }: RequestCell, unended: number): UnendedName {
  const greatestMs = latency.count === 0 ? null : latency.maxUs / 1000
  return { method, name, ended: requests, unended, longestMs: open.maxUs / 1000, greatestMs }
}

/** Returns the finding about requests that never ended. The counts are exact, so the finding has no exit code. */
export function unendedFindings(names: readonly UnendedName[]): Finding[] {
  const [worst, ...others] = names
  if (!worst) return []
  const also = others.length === 0 ? '' : `; names with the same problem: ${few(others.map(titleOf), 3)}`
  const sentence = `${inWords(worst)}. Percentiles and errors do not include these requests: set a shorter timeout for them, or run longer${also}`
  return [{ reason: 'ok', result: 'inconclusive', sentence }]
}

function inWords(worst: UnendedName): string {
  const { ended, unended, longestMs, greatestMs } = worst
  const share =
    ended === 0 ? '' : ` of ${counted(ended + unended, 'request')} (${percent(unended / (ended + unended))})`
  const many = ended === 0 ? counted(unended, 'request') : `${unended}${share}`
  const others = greatestMs === null ? '' : `; the other requests took at most ${milliseconds(greatestMs)}`
  return `${titleOf(worst)}: burst cut off ${many}, the longest after ${milliseconds(longestMs)}${others}`
}

function titleOf({ method, name }: UnendedName): string {
  return `${method} ${name}`
}
