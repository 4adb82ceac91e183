import { compactOf } from '../window/histogram.ts'
import { addRequestSecond } from '../window/merge.ts'
import {
  type ErrorCell,
  type RequestCell,
  type RequestSecond,
  type Window,
  emptyRequestSecond,
} from '../window/window.ts'

/** Buckets that the charts of a report have at most: one per second in a run of 12 minutes. */
export const bucketCap = 720
/** When more names than this have buckets, only half of them, the busiest so far, go on having them: code may make names up without end. */
const nameCap = 200
/** Kinds of failures whose course over time is kept; a report lists fewer. */
const errorsCap = 1000

/** What one name, or all of them, counted over time: by number of the bucket. */
export type BucketedRequests = Map<number, RequestSecond>

/** A run's time cut into equal buckets, and what was counted in each. Filled window by window; a window that tells no seconds is one point in time. */
export class Buckets {
  readonly stepS: number
  readonly count: number
  readonly all: BucketedRequests = new Map()
  readonly names = new Map<string, BucketedRequests>()
  /** Failures over time, by the key of their cell. */
  readonly errors = new Map<string, Map<number, number>>()
  readonly #windowS: number
  readonly #dropped = new Set<string>()

  /** @param seconds how long the run is, as far as it has windows */
  constructor(seconds: number, windowS: number) {
    this.stepS = Math.max(1, Math.ceil(seconds / bucketCap))
    this.count = Math.ceil(seconds / this.stepS)
    this.#windowS = windowS
  }

  /** @param index the window's place on the run's grid */
  add(index: number, { requests, errors }: Window): void {
    for (const [key, cell] of requests) this.#addRequests(key, cell, index)
    for (const [key, cell] of errors) this.#addErrors(key, cell, index)
    if (this.names.size > nameCap) this.#dropRare()
  }

  #addRequests(key: string, cell: RequestCell, index: number): void {
    const seconds = cell.seconds.size > 0 ? cell.seconds : new Map([[index * this.#windowS, secondOf(cell)]])
    const mine = this.#dropped.has(key) ? undefined : entry(this.names, key)
    for (const [second, counted] of seconds) {
      const bucket = this.#bucketOf(second)
      addRequestSecond(entry(this.all, bucket, emptyRequestSecond), counted)
      if (mine) addRequestSecond(entry(mine, bucket, emptyRequestSecond), counted)
    }
  }

  #addErrors(key: string, cell: ErrorCell, index: number): void {
    if (this.errors.size >= errorsCap && !this.errors.has(key)) return
    const mine = entry(this.errors, key)
    const seconds = cell.seconds.size > 0 ? cell.seconds : new Map([[index * this.#windowS, cell.count]])
    for (const [second, count] of seconds) {
      const bucket = this.#bucketOf(second)
      mine.set(bucket, (mine.get(bucket) ?? 0) + count)
    }
  }

  /** What ended after the run's last window counts in the last bucket. */
  #bucketOf(second: number): number {
    return Math.min(Math.max(0, this.count - 1), Math.floor(second / this.stepS))
  }

  #dropRare(): void {
    const counts = new Map([...this.names].map(([key, buckets]) => [key, requestsIn(buckets)]))
    const rare = [...this.names.keys()]
      .toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || (a < b ? -1 : 1))
      .slice(nameCap / 2)
    for (const key of rare) {
      this.names.delete(key)
      this.#dropped.add(key)
    }
  }
}

function requestsIn(buckets: BucketedRequests): number {
  return [...buckets.values()].reduce((sum, { requests }) => sum + requests, 0)
}

function secondOf(cell: RequestCell): RequestSecond {
  const { requests, failures, bytesIn, statuses } = cell
  const [latency, fromIntent] = [compactOf(cell.latency), compactOf(cell.fromIntent)]
  return { requests, failures, bytesIn, statuses, latency, fromIntent }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V = () => new Map() as V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
