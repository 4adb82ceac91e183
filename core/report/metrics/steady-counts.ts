import { Distribution, hdrExtentOf } from '../../window/histograms/distribution.ts'
import { packedOf } from '../../window/histograms/place-counts.ts'
import { otherNames, sectionCaps } from '../../window/window.ts'
import type { Measured, MeasuredRequest } from './measured.ts'

const countsOfName = ['requests', 'failures', 'exchanges', 'interrupted', 'bytesIn', 'bytesOut'] as const

/**
 * Prevents the counters of one run from going down in monitoring systems. Without this class, counters could go down for two reasons. First, if a run
 * has too many names, all counts of a name are moved to `(other names)`. Second, the report lists only the most frequent kinds of failures.
 *
 * With this class, the first 1,000 names keep their own series until the end of the run. When the counts of a name are moved to `(other names)`, the
 * series of the name keeps its last values. Only later counts are added to the series of `(other names)`. The sum of all series equals the sum of all
 * counts of the run, as long as no count of the run becomes smaller.
 */
export class SteadyCounts {
  /** The names with their own series, by method and name. */
  readonly #own = new Map<string, MeasuredRequest>()
  /** The names whose series no longer grow. */
  readonly #folded = new Set<string>()
  #others: MeasuredRequest | undefined
  #last: Measured | undefined

  /** Returns the values for the next message. Callers must pass the measurements of one run in chronological order. */
  next(measured: Measured): Measured {
    const before = this.#last
    const requests = this.#requestsOf(measured.requests)
    const failuresByKind = this.#failuresByKindOf(measured)
    this.#last = {
      ...measured,
      requests,
      failuresByKind,
      exceptions: Math.max(measured.exceptions, before?.exceptions ?? 0),
      arrivals: measured.arrivals && greaterArrivals(measured.arrivals, before?.arrivals ?? measured.arrivals),
    }
    return this.#last
  }

  #requestsOf(current: readonly MeasuredRequest[]): MeasuredRequest[] {
    const rest: MeasuredRequest[] = []
    const seen = new Set<string>()
    for (const cell of current) {
      const key = `${cell.method} ${cell.name}`
      if (!this.#hasOwn(key, cell)) rest.push(cell)
      else {
        this.#own.set(key, cell)
        seen.add(key)
      }
    }
    for (const key of this.#own.keys()) if (!seen.has(key)) this.#folded.add(key)
    if (rest.length > 0 || this.#others) {
      const folded = [...this.#folded].flatMap((key) => this.#own.get(key) ?? [])
      this.#others = greaterOf(without(sumOf(rest), sumOf(folded)), this.#others)
    }
    return [...this.#own.values(), ...(this.#others ? [this.#others] : [])]
  }

  #hasOwn(key: string, cell: MeasuredRequest): boolean {
    if (cell.name === otherNames || this.#folded.has(key)) return false
    const known = this.#own.get(key)
    return known ? countsOfName.every((count) => cell[count] >= known[count]) : this.#own.size < sectionCaps.names
  }

  /**
   * Returns the failures by kind. The count of a kind never decreases, even if the final report lists fewer failures of this kind than an earlier
   * message contained. When the run has finished, the failures that the report does not list are counted as `unlisted`.
   */
  #failuresByKindOf({ failuresByKind, finished, requests }: Measured): Map<string, number> {
    const before = this.#last?.failuresByKind ?? new Map<string, number>()
    const counts = new Map(before)
    for (const [kind, count] of failuresByKind) counts.set(kind, Math.max(count, before.get(kind) ?? 0))
    if (!finished) return counts
    const rest = sum(requests.map(({ failures }) => failures)) - sum(counts.values())
    return rest > 0 ? counts.set('unlisted', rest) : counts
  }
}

type Arrivals = NonNullable<Measured['arrivals']>

function greaterArrivals(a: Arrivals, b: Arrivals): Arrivals {
  return {
    started: Math.max(a.started, b.started),
    dropped: {
      pool: Math.max(a.dropped.pool, b.dropped.pool),
      generator: Math.max(a.dropped.generator, b.dropped.generator),
      lost: Math.max(a.dropped.lost, b.dropped.lost),
    },
  }
}

function sumOf(cells: readonly MeasuredRequest[]): MeasuredRequest {
  const all: MeasuredRequest = {
    method: '*',
    name: otherNames,
    requests: 0,
    failures: 0,
    exchanges: 0,
    interrupted: 0,
    bytesIn: 0,
    bytesOut: 0,
    statuses: new Map(),
    latency: new Distribution(),
  }
  for (const cell of cells) {
    for (const count of countsOfName) all[count] += cell[count]
    for (const [status, count] of cell.statuses) all.statuses.set(status, (all.statuses.get(status) ?? 0) + count)
    all.latency.add(cell.latency)
  }
  return all
}

/**
 * Returns the counts of `all` minus the counts of `some`. If a count would be negative, for example because a window of the run was lost, the count
 * becomes 0.
 */
function without(all: MeasuredRequest, some: MeasuredRequest): MeasuredRequest {
  const left = [...all.statuses].map(([status, count]) => [status, count - (some.statuses.get(status) ?? 0)] as const)
  const statuses = new Map(left.filter(([, count]) => count > 0))
  const rest = { ...all, statuses, latency: latenciesWithout(all.latency, some.latency) }
  for (const count of countsOfName) rest[count] = Math.max(0, rest[count] - some[count])
  return rest
}

/**
 * Returns the latencies in `all` without the latencies in `some`. The minimum and the maximum of the result are accurate only to three digits,
 * because they are computed from the bins of the histogram.
 */
function latenciesWithout(all: Distribution, some: Distribution): Distribution {
  if (some.count === 0) return all
  const taken = new Map<number, number>()
  some.eachPlace((place, count) => taken.set(place, count))
  const left: [place: number, count: number][] = []
  all.eachPlace((place, count) => {
    const rest = count - (taken.get(place) ?? 0)
    if (rest > 0) left.push([place, rest])
  })
  const [first, last] = [left[0], left.at(-1)]
  if (!first || !last) return new Distribution()
  const { fromUs, widthUs } = hdrExtentOf(last[0])
  const numbers = {
    count: sum(left.map(([, count]) => count)),
    sumUs: Math.max(0, all.sumUs - some.sumUs),
    minUs: Math.max(all.minUs, hdrExtentOf(first[0]).fromUs),
    maxUs: Math.min(all.maxUs, fromUs + widthUs - 1),
  }
  return Distribution.of(numbers, packedOf(left.flat()))
}

/** For each count, returns the current value or the previous value, whichever is greater. A counter must not go down. */
function greaterOf(now: MeasuredRequest, before: MeasuredRequest | undefined): MeasuredRequest {
  if (!before) return now
  const greater = { ...now, statuses: new Map(before.statuses) }
  for (const count of countsOfName) greater[count] = Math.max(now[count], before[count])
  for (const [status, count] of now.statuses)
    greater.statuses.set(status, Math.max(count, before.statuses.get(status) ?? 0))
  return { ...greater, latency: now.latency.count < before.latency.count ? before.latency : now.latency }
}

function sum(counts: Iterable<number>): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
