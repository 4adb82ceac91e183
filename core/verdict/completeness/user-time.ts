import { type Profile, livesOf } from '../../plan/load/load.ts'
import type { Slice } from '../../plan/plan.ts'
import type { SecondCell, WorkerCell } from '../../window/window.ts'
import type { UserTime } from './delivery.ts'

/** The data from which the planned user time and the delivered user time are computed. */
export interface UserTimeInput {
  slices: readonly Slice[]
  /**
   * The load that was expected from the run. If the run was stopped, this load ends at the stop, unless burst stopped the run because of a failure.
   */
  profile: Profile
  /** The assumed end of a profile without an end, in milliseconds since the start. */
  lastMs: number
  seconds: ReadonlyMap<number, Pick<SecondCell, 'userUs' | 'leftUs' | 'hungUs'>>
  workers: Iterable<WorkerCell>
}

/** A worker that delivered less than this fraction of its planned time is listed as short. */
const shortBelow = 0.99

/**
 * Compares the planned and the actual user time separately for each second. Additional users in one second therefore do not compensate for missing
 * users in another second.
 */
export function userTimeOf({ slices, profile, lastMs, seconds, workers }: UserTimeInput): UserTime {
  const endMs = profile.endMs ?? lastMs
  const cells = Map.groupBy(workers, (cell) => cell.slice)
  const planned = new Time(endMs)
  const excused = new Time(endMs)
  const times = slices.map((slice) => {
    const mine = cells.get(slice.slice) ?? []
    return { slice: slice.slice, ...timeOf(mine, plannedLives(slice, profile, endMs), { planned, excused }) }
  })
  const [due, left] = [planned.bySecond(), excused.bySecond()]
  const delivered = due.map((ms, second) => {
    const { userUs = 0, leftUs = 0, hungUs = 0 } = seconds.get(second) ?? {}
    return Math.min(ms, (Math.max(0, userUs - hungUs) + leftUs) / 1000 + (left[second] as number))
  })
  const short = times.filter((one) => one.delivered < shortBelow * one.planned)
  return {
    plannedS: sum(due) / 1000,
    deliveredS: sum(delivered) / 1000,
    short: short.toSorted((a, b) => a.delivered / a.planned - b.delivered / b.planned).map(({ slice }) => slice),
  }
}

/** Returns the planned time in milliseconds in which users were missing, summed over the slices. */
export function missingMsOf({ slices, profile, lastMs, workers }: Omit<UserTimeInput, 'seconds'>): number {
  const endMs = profile.endMs ?? lastMs
  const cells = Map.groupBy(workers, (cell) => cell.slice)
  const times = slices.map((slice) => {
    const grid = { planned: new Time(endMs), excused: new Time(endMs) }
    return timeOf(cells.get(slice.slice) ?? [], plannedLives(slice, profile, endMs), grid)
  })
  return sum(times.map(({ planned, delivered }) => Math.max(0, planned - delivered)))
}

/**
 * Returns a moment in milliseconds since the start, accurate to 1 ms. Between this moment and `untilMs`, the planned user time of the slices is
 * `userMs`. Returns 0 or 1 if the planned user time between the start and `untilMs` is less than `userMs`.
 */
export function plannedSince(
  { slices, profile, lastMs }: Pick<UserTimeInput, 'slices' | 'profile' | 'lastMs'>,
  untilMs: number,
  userMs: number,
): number {
  const lives = slices.flatMap((slice) => [...plannedLives(slice, profile, profile.endMs ?? lastMs)])
  const timeFrom = (atMs: number): number =>
    sum(lives.map(([fromMs, toMs]) => Math.max(0, Math.min(toMs, untilMs) - Math.max(fromMs, atMs))))
  let [low, high] = [0, untilMs]
  while (high - low > 1) {
    const middle = (low + high) / 2
    if (timeFrom(middle) > userMs) low = middle
    else high = middle
  }
  return Math.round(high)
}

/**
 * Returns the planned and the delivered user time of one slice in milliseconds. Adds the planned time to `planned`. If all users have ended by
 * themselves, adds the planned time after the end of the last user to `excused`.
 */
function timeOf(
  cells: readonly WorkerCell[],
  lives: Iterable<[number, number]>,
  { planned, excused }: { planned: Time; excused: Time },
): { planned: number; delivered: number } {
  const finishedMs = greatest(cells.map((cell) => cell.finishedMs))
  const own = { planned: 0, delivered: sum(cells.map((cell) => cell.userUs - cell.hungUs)) / 1000 }
  for (const [fromMs, untilMs] of lives) {
    own.planned += planned.add(fromMs, untilMs)
    if (finishedMs !== null) own.delivered += excused.add(Math.max(fromMs, finishedMs), untilMs)
  }
  return own
}

function* plannedLives({ first, stride, count }: Slice, profile: Profile, endMs: number): Generator<[number, number]> {
  for (let k = 0; k < count; k++) {
    for (const { fromMs, untilMs } of livesOf(profile, first + k * stride)) {
      const until = Math.min(untilMs ?? endMs, endMs)
      if (until > fromMs) yield [fromMs, until]
    }
  }
}

/**
 * The user time in each second of a run. Adding a time span of any length changes at most four entries: two at the beginning of the span and two at
 * its end.
 */
class Time {
  /**
   * One entry per second. If a time span begins in second `a` and ends in a later second `b`, the span adds 1 to the entry of second `a + 1` and
   * subtracts 1 from the entry of second `b`. The sum of all entries up to and including second `s` is therefore the number of time spans that cover
   * the whole of second `s`: such a span begins in an earlier second and ends in a later second. `#parts` contains the rest of the user time, in
   * milliseconds per second.
   */
  readonly #changes: Float64Array
  readonly #parts: Float64Array

  constructor(endMs: number) {
    const seconds = Math.ceil(endMs / 1000)
    this.#changes = new Float64Array(seconds + 1)
    this.#parts = new Float64Array(seconds + 1)
  }

  /** @returns the milliseconds between the two moments; 0 if `untilMs` is not after `fromMs` */
  add(fromMs: number, untilMs: number): number {
    if (untilMs <= fromMs) return 0
    const [first, last] = [Math.floor(fromMs / 1000), Math.floor(untilMs / 1000)]
    if (first === last) {
      this.#add(this.#parts, first, untilMs - fromMs)
      return untilMs - fromMs
    }
    this.#add(this.#parts, first, (first + 1) * 1000 - fromMs)
    this.#add(this.#parts, last, untilMs - last * 1000)
    this.#add(this.#changes, first + 1, 1)
    this.#add(this.#changes, last, -1)
    return untilMs - fromMs
  }

  /** Returns the user time of each second in milliseconds. */
  bySecond(): number[] {
    let whole = 0
    return Array.from(this.#parts.subarray(0, -1), (part, second) => {
      whole += this.#changes[second] as number
      return part + 1000 * whole
    })
  }

  #add(to: Float64Array, second: number, amount: number): void {
    if (second < to.length) to[second] = (to[second] as number) + amount
  }
}

function greatest(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null)
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
