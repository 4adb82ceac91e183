import { compactOf } from '../../window/histograms/histogram.ts'
import {
  type BucketedRequests,
  type RequestSecond,
  addRequestSecond,
  bucketCap,
  emptyRequestSecond,
} from '../../window/histograms/compact.ts'
import { type RequestCell, type Window, otherNames, sectionCaps } from '../../window/window.ts'

/** The length of a run, in seconds. */
export interface RunLength {
  /** The end of the last second that has counts, in seconds since the start. The number of buckets (at most 720) depends on this value. */
  seconds: number
  /** The planned length in seconds, if the plan has an end. Requests that end after the planned end do not make the buckets longer. */
  plannedS?: number | undefined
}

/**
 * Divides the time of a run into equal buckets, and adds up the counts of each bucket. The counts are added window by window. If a name has no counts
 * by second in a window, its counts are added to the bucket in which the window begins.
 */
export class Buckets {
  readonly stepS: number
  readonly count: number
  readonly all: BucketedRequests = new Map()
  readonly names = new Map<string, BucketedRequests>()
  readonly #windowS: number

  constructor({ seconds, plannedS = seconds }: RunLength, windowS: number) {
    this.stepS = Math.max(1, Math.ceil(Math.min(seconds, plannedS) / bucketCap))
    this.count = Math.min(bucketCap, Math.ceil(seconds / this.stepS))
    this.#windowS = windowS
  }

  /**
   * Adds a window.
   * @param index the number of the window on the run's grid. Windows may be added in any order
   */
  add(index: number, { requests }: Window): void {
    for (const cell of requests.values()) this.#addRequests(cell, index)
  }

  /** Adds the counts of other buckets. `this.stepS` must be a multiple of the `stepS` of the other buckets. */
  absorb({ all, names, stepS }: Buckets): void {
    const take = (mine: BucketedRequests, theirs: BucketedRequests): void => {
      for (const [bucket, counted] of theirs)
        addRequestSecond(entry(mine, this.bucketOf(bucket * stepS), emptyRequestSecond), counted)
    }
    take(this.all, all)
    for (const [key, buckets] of names)
      take(
        entry(this.names, key, () => new Map()),
        buckets,
      )
  }

  /** Moves the counts of all names that have no row in `rows` to `(other names)`. Does nothing if all names fit into `rows`. */
  fold(rows: Window['requests']): void {
    if (rows.size <= sectionCaps.names) return
    const kept = new Set([...rows.values()].map(seriesKey))
    const folded = [...this.names].filter(([key]) => key !== otherNames && !kept.has(key))
    for (const [key, buckets] of folded) {
      this.names.delete(key)
      const others = entry(this.names, otherNames, () => new Map())
      for (const [bucket, counted] of buckets) addRequestSecond(entry(others, bucket, emptyRequestSecond), counted)
    }
  }

  /** Returns the bucket for a second of the run. Requests that ended after the last bucket are counted in the last bucket. */
  bucketOf(second: number): number {
    return Math.min(Math.max(0, this.count - 1), Math.floor(second / this.stepS))
  }

  #addRequests(cell: RequestCell, index: number): void {
    const seconds = cell.seconds.size > 0 ? cell.seconds : new Map([[index * this.#windowS, secondOf(cell)]])
    const mine = entry(this.names, seriesKey(cell), () => new Map())
    for (const [second, counted] of seconds) {
      const bucket = this.bucketOf(second)
      addRequestSecond(entry(this.all, bucket, emptyRequestSecond), counted)
      const own = entry(mine, bucket, emptyRequestSecond)
      addRequestSecond(own, counted)
      own.latency.pack()
      own.fromIntent.pack()
    }
  }
}

/** Returns the key of a row's series in `names`: `METHOD name`. The key of the row `(other names)` is its name, without a method. */
export function seriesKey({ method, name }: { method: string; name: string }): string {
  return name === otherNames ? otherNames : `${method} ${name}`
}

function secondOf(cell: RequestCell): RequestSecond {
  const { requests, failures, bytesIn, statuses } = cell
  const [latency, fromIntent] = [compactOf(cell.latency), compactOf(cell.fromIntent)]
  return { requests, failures, bytesIn, statuses, latency, fromIntent }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
