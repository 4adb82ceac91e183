import { greatest, smallest } from '../../extremes.ts'
import { type LiveSnapshot, liveSnapshot } from './snapshot.ts'
import { levelAt } from '../../plan/load/load.ts'
import type { RunPlan } from '../../plan/plan.ts'
import type { ShardState } from '../../shard/shard.ts'
import { toBase64 } from '../../input/base64.ts'
import { type BucketedRequests, addRequestSecond, emptyRequestSecond } from '../../window/histograms/compact.ts'
import type { Control, Stop } from '../../fleet/control.ts'
import { shortened } from '../../verdict/completeness/loss.ts'
import { seriesKey } from '../gather/buckets.ts'
import { listedErrors } from '../rows.ts'
import { type Deflate, buildFigures } from '../build-report.ts'
import { stopInWords } from '../report-events.ts'
import { timelineOf } from '../timeline.ts'
import { fleetAt } from '../../fleet/fleet.ts'
import { type LiveGathered, LiveGathering, type Piece } from './live-gather.ts'
import type { Report } from '../report.ts'
import type { RunData } from '../gather/run-data.ts'
import { encodeSeries, errorKey, seriesNames } from '../series.ts'

/** The current state of a run, in addition to its report. */
export interface LiveFacts extends LiveSnapshot {
  /** The direction in which the planned load changes within the next second. */
  trend: 'rising' | 'falling' | 'level'
  /** Who stops the run and why, phrased like the report's events; null if the run is not being stopped. */
  stopping: string | null
}

/** The report of a run in progress, made from the counts so far. The verdict of such a report is not final, and its completeness is unknown. */
export interface LiveReport {
  /**
   * The report without old data: `seconds` and `series` begin at the bucket `from`. Exception: the series of the names and failures in `whole`
   * contain all buckets. In each row, the field `histogram` is ''. The list `windows` is empty.
   */
  report: Report
  /** The first included bucket. The reader already has the earlier buckets. */
  from: number
  /**
   * The names and failures for which `report.series` contains all buckets from the start of the run. Each number is the position of a name in
   * `report.requests`, or of a failure in `report.errors`.
   */
  whole: { names: number[]; errors: number[] }
  live: LiveFacts
}

/** The data of a run in progress at one moment. */
export interface LiveState {
  control: Control
  shards: readonly ShardState[]
  events: RunData['events']
  failed: RunData['failed']
  failure: RunData['failure']
  nowMs: number
}

const none = { late: 0, unreadable: 0, unread: [], began: true, skew: null } as const
/** If a worker has sent no message for this time in milliseconds, the report no longer waits for this worker. */
const silentMs = 15_000
/** The buckets have room for this number of seconds after the planned end. If counts arrive for a later second, the length of the buckets doubles. */
const afterEndS = 120

/** Makes the reports on a run in progress. A new reader gets the complete report. Afterwards, the reader gets only changes. */
export class LiveReporter {
  readonly #plan: RunPlan
  readonly #deflate: Deflate
  readonly #gathering: LiveGathering
  #gathered: LiveGathered
  #report: Report | undefined
  #live: LiveFacts | undefined
  /** The first bucket that may differ from the last report. */
  #changedFrom = 0
  #openFrom = 0
  #stepS: number
  #told = new Set<string>()
  /** The number of seconds in the report from which the last change was made. */
  #toldS = 0

  constructor(plan: RunPlan, deflate: Deflate) {
    const { endMs } = fleetAt(plan).profile
    this.#plan = plan
    this.#deflate = deflate
    this.#gathering = new LiveGathering(plan.windowMs, endMs === null ? 0 : endMs / 1000 + afterEndS)
    this.#gathered = this.#gathering.with([])
    this.#stepS = this.#gathering.stepS
  }

  /** Adds a sealed piece. The caller must add each piece only once. */
  seal(piece: Piece): void {
    this.#gathering.seal(piece)
    this.#changedFrom = Math.min(this.#changedFrom, this.#bucketOf(piece.window))
  }

  /** Updates the report. */
  advance(state: LiveState): void {
    const { shards } = state
    const pieces = shards.flatMap(({ shard, open }) =>
      [...open].map(([window, content]) => ({ shard, window, content })),
    )
    this.#gathered = this.#gathering.with(pieces)
    const openNow = pieces.map(({ window }) => this.#bucketOf(window))
    this.#changedFrom = smallest(openNow, Number, Math.min(this.#changedFrom, this.#openFrom))
    this.#openFrom = smallest(openNow, Number, Number.MAX_SAFE_INTEGER)
    if (this.#gathering.stepS !== this.#stepS) {
      this.#stepS = this.#gathering.stepS
      this.#changedFrom = 0
      this.#told.clear()
    }
    this.#live = factsOf(this.#plan, state)
    this.#report = this.#figures(state)
  }

  /** Returns the state of the run at `nowMs` (epoch milliseconds). Does not depend on `advance`. */
  facts(nowMs: number, state: Omit<LiveState, 'nowMs'>): LiveFacts {
    return factsOf(this.#plan, { ...state, nowMs })
  }

  /** Returns the changes since the last call; undefined before the first `advance`. */
  change(): LiveReport | undefined {
    if (!this.#report) return undefined
    // The change contains all seconds after the last report, even if they have no counts. If a silent worker sends messages again, `untilS` becomes
    // smaller, because the report contains only seconds that all workers have reported. The change then contains all seconds from `untilS` on.
    const untilS = this.#report.seconds.length
    const from = Math.min(this.#changedFrom, Math.floor(Math.min(this.#toldS, untilS) / this.#stepS))
    const told = this.#tell(from, this.#told)
    if (!told) return undefined
    this.#toldS = untilS
    this.#told = new Set(keysOf(told.report))
    this.#changedFrom = Number.MAX_SAFE_INTEGER
    return told
  }

  /** Returns the complete report for a new reader; undefined before the first `advance`. After this report, the reader receives only changes. */
  whole(): LiveReport | undefined {
    return this.#tell(0, new Set())
  }

  #figures(state: LiveState): Report {
    const untilS = wholeSeconds(state)
    const data: RunData = { ...none, ...state, plan: this.#plan, gathered: this.#gathered, soFarMs: untilS * 1000 }
    const report = buildFigures(data, timelineOf(data), () => '')
    return { ...report, seconds: report.seconds.slice(0, untilS) }
  }

  #tell(from: number, told: ReadonlySet<string>): LiveReport | undefined {
    if (!this.#report || !this.#live) return undefined
    const [report, stepS] = [this.#report, this.#stepS]
    const names = report.requests.slice(0, seriesNames).map(seriesKey)
    const errors = report.errors.map(errorKey)
    const whole = { names: placesNotIn(told, names), errors: placesNotIn(told, errors) }
    const since = (fresh: boolean): number => (fresh ? 0 : from)
    const { buckets, open, totals } = this.#gathered
    const series = {
      all: requestsFrom(from, buckets.all, open.all),
      names: new Map(
        names.map((key) => [key, requestsFrom(since(!told.has(key)), buckets.names.get(key), open.names.get(key))]),
      ),
    }
    const counts = listedErrors(totals.errors).map((cell) => countsFrom(since(!told.has(errorKey(cell))), cell.seconds))
    return {
      report: {
        ...report,
        seconds: report.seconds.slice(from * stepS),
        series: {
          stepS,
          buckets: Math.ceil(report.seconds.length / stepS),
          names: names.length,
          data: toBase64(this.#deflate(encodeSeries(series, names, counts))),
        },
      },
      from,
      whole,
      live: this.#live,
    }
  }

  #bucketOf(window: number): number {
    return Math.floor((window * this.#plan.windowMs) / 1000 / this.#gathering.stepS)
  }
}

/**
 * Returns the number of seconds since the start that all workers have reported. Three kinds of workers do not limit this number: workers that have
 * ended, workers that have sent no message for 15 s, and workers that have not sent their first message. If every worker is of one of these kinds,
 * the latest message of any worker determines the number.
 */
export function wholeSeconds({ control, shards, nowMs }: Pick<LiveState, 'control' | 'shards' | 'nowMs'>): number {
  const attempts = shards.flatMap((shard) => [...shard.attempts.values()])
  const speaking = attempts.filter(
    ({ finalSequence, lastSentAt }) => finalSequence === null && lastSentAt > nowMs - silentMs,
  )
  const sentAt = ({ lastSentAt }: (typeof attempts)[number]): number => lastSentAt
  const lastMs = speaking.length > 0 ? smallest(speaking, sentAt) : greatest(attempts, sentAt, 0)
  return Math.max(0, Math.floor((lastMs - control.startAt) / 1000))
}

function keysOf({ requests, errors }: Report): string[] {
  return [...requests.slice(0, seriesNames).map(seriesKey), ...errors.map(errorKey)]
}

function placesNotIn(told: ReadonlySet<string>, keys: readonly string[]): number[] {
  return keys.flatMap((key, place) => (told.has(key) ? [] : [place]))
}

function requestsFrom(from: number, ...parts: (BucketedRequests | undefined)[]): BucketedRequests {
  const sum: BucketedRequests = new Map()
  for (const [bucket, counted] of parts.flatMap((part) => [...(part ?? [])])) {
    if (bucket < from) continue
    const mine = sum.get(bucket) ?? emptyRequestSecond()
    addRequestSecond(mine, counted)
    sum.set(bucket, mine)
  }
  return sum
}

function countsFrom(from: number, counts: ReadonlyMap<number, number>): Map<number, number> {
  return new Map([...counts].filter(([bucket]) => bucket >= from))
}

function factsOf(
  plan: RunPlan,
  { control, shards, failure, nowMs }: Pick<LiveState, 'control' | 'shards' | 'failure' | 'nowMs'>,
): LiveFacts {
  const snapshot = liveSnapshot({ plan, control, shards, nowMs })
  const atMs = snapshot.elapsedS * 1000
  const { profile } = fleetAt(plan, control)
  const difference = levelAt(profile, atMs + 1000) - levelAt(profile, atMs)
  const trend = difference > 0 ? 'rising' : difference < 0 ? 'falling' : 'level'
  return { ...snapshot, trend, stopping: control.stop && stoppingWords(control.stop, failure) }
}

/**
 * Describes the stop of a run in progress. If burst stopped the run because of a failure, the description includes the failure, because the verdict
 * does not contain the failure yet. In a finished run, the verdict contains the failure, so `stopInWords` omits the failure.
 */
function stoppingWords(stop: Stop, failure: LiveState['failure']): string {
  return stop.reason === failure?.message
    ? `burst stopped the run: ${shortened(stop.reason)}`
    : stopInWords(stop, failure)
}
