import type { BucketedRequests } from '../../../core/window/histograms/compact.ts'
import type { LiveFacts, LiveReport } from '../../../core/report/live/live-report.ts'
import type { SecondEntry } from '../../../core/report/entries/report-entries.ts'
import { errorKey } from '../../../core/report/series.ts'
import { type RunModel, seriesIn } from '../../model/model.ts'

/** The data that the page shows about a run in progress. */
export interface LiveView {
  model: RunModel
  live: LiveFacts
}

/** Builds the data of a run from the messages of the server. The first message contains the whole run; later messages contain only changes. */
export class LiveModel {
  #all: BucketedRequests = new Map()
  #names = new Map<string, BucketedRequests>()
  #errors = new Map<string, Map<number, number>>()
  #seconds: SecondEntry[] = []

  /** Adds a message of the server. Messages must be added in the order in which the server sent them. */
  async take({ report, from, whole, live }: LiveReport): Promise<LiveView> {
    const told = await seriesIn(report)
    const { stepS, buckets } = report.series
    const names = report.requests.slice(0, report.series.names).map(({ method, name }) => `${method} ${name}`)
    const errors = report.errors.map(errorKey)
    this.#all = joined(this.#all, told.all, from)
    this.#names = joinedByKey(this.#names, { keys: names, told: told.names, whole: whole.names, from })
    this.#errors = joinedByKey(this.#errors, { keys: errors, told: told.errors, whole: whole.errors, from })
    this.#seconds = [...this.#seconds.slice(0, from * stepS), ...report.seconds]
    const series = {
      all: this.#all,
      names: names.map((key) => this.#names.get(key) ?? new Map()),
      errors: errors.map((key) => this.#errors.get(key) ?? new Map<number, number>()),
    }
    return { model: { report: { ...report, seconds: this.#seconds }, series, stepS, buckets }, live }
  }
}

interface Told<V> {
  keys: readonly string[]
  told: readonly Map<number, V>[]
  whole: readonly number[]
  from: number
}

function joinedByKey<V>(
  known: Map<string, Map<number, V>>,
  { keys, told, whole, from }: Told<V>,
): Map<string, Map<number, V>> {
  return new Map(
    keys.map((key, place) => {
      const newest = told[place] ?? new Map<number, V>()
      return [key, whole.includes(place) ? newest : joined(known.get(key) ?? new Map<number, V>(), newest, from)]
    }),
  )
}

/** Returns the known values of the buckets before `from`, followed by the new values. */
function joined<V>(known: Map<number, V>, told: Map<number, V>, from: number): Map<number, V> {
  return new Map([...[...known].filter(([bucket]) => bucket < from), ...told])
}
