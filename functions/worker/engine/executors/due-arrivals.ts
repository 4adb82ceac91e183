import { type ArrivalSpan, type Fleet, arrivalSpansOf, nextArrivalOf } from '../../../../core/fleet/fleet.ts'
import { keyedStream } from '../../../../core/random.ts'
import type { ExecutorContext } from './executor.ts'
import { arrivalAt, arrivalsBefore } from '../../../../core/plan/load/load.ts'

/**
 * The longest wait for the previous worker ends `waitMs` after the turn of this worker begins. If this worker takes over at most this number of
 * milliseconds after the end of the longest wait, it takes over in time.
 */
const takeOverMs = 1_000

/**
 * Returns whether a worker takes over in time. Otherwise, the worker itself started late, and its overdue arrivals are dropped, because they would
 * change the load.
 */
export function takesOverInTime(
  { clock, startMs, setup }: Pick<ExecutorContext, 'clock' | 'startMs' | 'setup'>,
  { fromMs }: { fromMs: number },
): boolean {
  return clock.nowMs() <= startMs + fromMs + (setup.plan.handOver?.waitMs ?? 0) + takeOverMs
}

/** The arrivals of one slice in chronological order. Times are in milliseconds since the start of the run. */
export class DueArrivals {
  /**
   * The number of arrivals that the plan contains for all slices together. A change of the load during the run does not change this number.
   * `Number.MAX_SAFE_INTEGER` if the plan has no end.
   */
  readonly total: number
  #fleet: Fleet
  readonly #slice: number
  #spans: readonly ArrivalSpan[]
  /** The number of the next arrival; undefined after the last arrival. */
  #next: number | undefined
  #untilMs = Number.POSITIVE_INFINITY

  constructor(fleet: Fleet, { slice, plan }: ExecutorContext['setup']) {
    const planned = plan.profile
    this.#fleet = fleet
    this.#slice = slice
    this.#spans = arrivalSpansOf(fleet)
    this.#next = nextArrivalOf(this.#spans, slice, 0)
    this.total = planned.endMs === null ? Number.MAX_SAFE_INTEGER : arrivalsBefore(planned, planned.endMs)
  }

  /** Limits the arrivals to the turn of one worker. */
  limit({ fromMs, untilMs }: { fromMs: number; untilMs: number | null }): void {
    if (fromMs > 0) this.#next = nextArrivalOf(this.#spans, this.#slice, arrivalsBefore(this.#fleet.profile, fromMs))
    this.#untilMs = untilMs ?? Number.POSITIVE_INFINITY
  }

  /** Continues with a changed load. An arrival that is due before the change keeps its time. */
  replan(fleet: Fleet, nowMs: number): void {
    const passed = arrivalsBefore(fleet.profile, nowMs)
    this.#fleet = fleet
    this.#spans = arrivalSpansOf(fleet)
    this.#next = nextArrivalOf(this.#spans, this.#slice, Math.min(this.#next ?? passed, passed))
  }

  /** The time at which the next arrival is due; undefined after the last arrival. */
  get nextMs(): number | undefined {
    return this.#next === undefined ? undefined : arrivalAt(this.#fleet.profile, this.#next)
  }

  /** Returns when an arrival is due. */
  momentOf(j: number): number {
    return arrivalAt(this.#fleet.profile, j) ?? 0
  }

  /** Yields the arrivals that are due by `nowMs` and before the end of the turn. Leaves out arrivals that an earlier call has yielded. */
  *takeDue(nowMs: number): Generator<{ j: number; atMs: number }> {
    for (let atMs = this.nextMs; this.#next !== undefined && atMs !== undefined; atMs = this.nextMs) {
      if (atMs > nowMs || atMs >= this.#untilMs) return
      const j = this.#next
      this.#next = nextArrivalOf(this.#spans, this.#slice, j + 1)
      yield { j, atMs }
    }
  }
}

/** Returns the index of the user class that serves an arrival. The class is drawn by weight, and every worker draws the same class. */
export function classOf(j: number, { setup, seed }: Pick<ExecutorContext, 'setup' | 'seed'>): number {
  const { classes } = setup.plan
  const total = classes.reduce((sum, one) => sum + one.weight, 0)
  let left = keyedStream(seed, [j], 'arrival').next() * total
  const drawn = classes.findIndex((one) => (left -= one.weight) < 0)
  return Math.max(0, drawn)
}
