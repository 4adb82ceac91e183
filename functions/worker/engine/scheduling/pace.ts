import { performance } from '../../../guard/built-ins.ts'
import { type Wait, isWait, waitHint } from '../../../../core/authoring/wait.ts'
import { durationMs, longestMs } from '../../../../core/duration.ts'
import { inWords } from '../../../../core/values-in-words.ts'

/** A slot is skipped if it was due more than this number of milliseconds before the latest overdue slot. The user makes up for later slots. */
const longestBacklogMs = 60_000

interface CarriedPace {
  intentMs: number
  slotBaseMs: number
  slot: number
}

/**
 * Computes the time at which a user is due to act: the end of the previous response plus the planned pauses, or the user's slot on a pacing grid. The
 * difference between this time and the actual time is the lag.
 */
export class Pace {
  /**
   * The end of the last call or pause, or the beginning of the iteration. Since this moment, only the user's own code has run. Infinite between two
   * iterations.
   */
  awayMs = Number.POSITIVE_INFINITY
  #intentMs = 0
  #slotBaseMs = 0
  #slot = 0
  /** The sum of the lags of pauses and starts since the last request. The lags are added, because pauses and starts happen one after another. */
  #lagMs = 0
  /**
   * The greatest lag of the responses that arrived since the last request. These lags are not added, because responses may arrive at the same time.
   */
  #responseLagMs = 0
  /** The sum of all lags since the last slot of the grid. */
  #cycleLagMs = 0
  /** The time, in milliseconds, by which the current slot was overdue when `nextSlot` returned it; null if the user has had no slot yet. */
  #backlogMs: number | null = null
  /** The part of `#backlogMs` that was caused by lag, in milliseconds. */
  #behindMs = 0
  /** The time that the user has lost through lag since the last request; negative if the user made up for lost time. */
  #lostMs = 0

  begin(plannedMs: number): void {
    this.#intentMs = plannedMs
    this.#slotBaseMs = plannedMs
    this.awayMs = plannedMs
  }

  /**
   * Returns when the next request was due (`intentMs`), and how late the user was resumed for this request (`lagBeforeMs`). On a pacing grid,
   * `pacedLossMs` is the time that the user has lost through lag since its last request; negative if the user made up for lost time. Without a pacing
   * grid, all lag is lost time, and `pacedLossMs` is null.
   */
  takeIntent(): { intentMs: number; lagBeforeMs: number; pacedLossMs: number | null } {
    const lagBeforeMs = this.#lagMs + this.#responseLagMs
    const pacedLossMs = this.#backlogMs === null ? null : this.#lostMs
    const taken = { intentMs: this.#intentMs, lagBeforeMs, pacedLossMs }
    this.#lostMs = 0
    this.#forgetLag()
    return taken
  }

  /** Returns the state for the hand-over to another process. Times are relative to `startMs`. */
  carried(startMs: number): CarriedPace {
    return { intentMs: this.#intentMs - startMs, slotBaseMs: this.#slotBaseMs - startMs, slot: this.#slot }
  }

  /** Restores the state in the process that takes the user over. The state is the result of `carried` in the previous process. */
  restore({ intentMs, slotBaseMs, slot }: CarriedPace, startMs: number): void {
    this.#intentMs = startMs + intentMs
    this.#slotBaseMs = startMs + slotBaseMs
    this.#slot = slot
  }

  /** Called when a pause ended `lagMs` later than planned. */
  resumed(lagMs: number, nowMs: number): void {
    this.noteLag(lagMs)
    this.awayMs = nowMs
  }

  /**
   * Called when the user's code begins an iteration.
   * @returns `nowMs`
   */
  goAway(nowMs: number): number {
    this.awayMs = nowMs
    return nowMs
  }

  /** Called when a user is resumed after a response. The response ended at `endMs`. The user was resumed `lagMs` later. */
  responseEnded(endMs: number, lagMs: number): void {
    this.#intentMs = Math.max(this.#intentMs, endMs)
    this.awayMs = Math.max(this.awayMs, endMs)
    this.#responseLagMs = Math.max(this.#responseLagMs, lagMs)
    this.#cycleLagMs += lagMs
  }

  planPause(ms: number): void {
    this.#intentMs += ms
  }

  /** Sets the time at which the user is due to act next (the scheduled time of an arrival). */
  meantFor(atMs: number): void {
    this.#intentMs = atMs
    this.#forgetLag()
  }

  /**
   * Moves the user's planned times after a pause of the run. The pause held the user from `fromMs` to `untilMs`, and the user was resumed `lagMs`
   * later.
   */
  heldBack({ fromMs, untilMs, lagMs }: { fromMs: number; untilMs: number; lagMs: number }): void {
    this.#slotBaseMs += Math.max(0, untilMs - fromMs)
    this.meantFor(Math.max(this.#intentMs, untilMs))
    this.noteLag(lagMs)
  }

  noteLag(lagMs: number): void {
    this.#lagMs += lagMs
    this.#cycleLagMs += lagMs
  }

  /**
   * Returns the next slot of a pacing grid. If the slot is overdue, the user acts immediately. Slots that are more than a minute before the latest
   * overdue slot are skipped. With `catchUp: false`, all overdue slots are skipped.
   */
  nextSlot(grid: { everyMs: number; catchUp: boolean }, nowMs: number): { atMs: number; missed: number } {
    const due = Math.floor((nowMs - this.#slotBaseMs) / grid.everyMs)
    const next = this.#slot + 1
    const oldest = grid.catchUp ? due - Math.floor(longestBacklogMs / grid.everyMs) : due + 1
    const missed = Math.max(0, oldest - next)
    this.#slot = next + missed
    const atMs = this.#slotBaseMs + this.#slot * grid.everyMs
    this.#intentMs = atMs
    // If the slot is in the future, the user is not late, even if the user was delayed earlier. The earlier lag is then discarded.
    if (atMs > nowMs) this.#forgetLag()
    this.#noteBacklog(Math.max(0, nowMs - atMs), missed * grid.everyMs)
    return { atMs, missed }
  }

  #noteBacklog(backlogMs: number, missedMs: number): void {
    const grownMs = backlogMs + missedMs - (this.#backlogMs ?? 0)
    const lostMs = grownMs > 0 ? Math.min(grownMs, this.#cycleLagMs) : -Math.min(-grownMs, this.#behindMs)
    this.#lostMs += lostMs
    // `#behindMs` is at most the backlog, because a user cannot make up for skipped slots.
    this.#behindMs = Math.min(this.#behindMs + lostMs, backlogMs)
    this.#backlogMs = backlogMs
    this.#cycleLagMs = 0
  }

  #forgetLag(): void {
    this.#lagMs = 0
    this.#responseLagMs = 0
  }
}

/** The pause after an iteration. */
export interface PauseAfter {
  ms: number
  /**
   * `true` if the `wait` of the scenario or the minimum pause determined the pause. `false` if a slot of a pacing grid determined the pause, or if
   * there is no pause.
   */
  planned: boolean
  /** The number of slots of the pacing grid that were skipped. */
  missed: number
}

/**
 * Returns the pause of a user after an iteration. The pause is as long as the user's `wait`, but at least `leastMs`.
 * @throws RangeError when `wait` is not a valid wait; also throws the errors of `pauseMs`
 */
export function pauseAfter(
  wait: Wait | undefined,
  leastMs: number,
  { pace, draw, user, className }: { pace: Pace; draw: () => number; user?: object | undefined; className: string },
): PauseAfter {
  // The scenario may set `wait` at any time, to any value.
  if (wait !== undefined && !isWait(wait))
    throw new RangeError(`wait of class ${className} is ${inWords(wait)}; ${waitHint}`)
  if (typeof wait === 'object' && wait.kind === 'pacing') {
    const nowMs = performance.now()
    const { atMs, missed } = pace.nextSlot(wait, nowMs)
    return { ms: Math.max(atMs - nowMs, leastMs), planned: false, missed }
  }
  const drawn = wait ? pauseMs(wait, draw, { user, className }) : 0
  return { ms: Math.max(leastMs, drawn), planned: wait !== undefined || leastMs > 0, missed: 0 }
}

/**
 * Draws the length of a wait, in milliseconds.
 * @param of `className`: the name of the user's class; `user`: the object that the scenario's own wait function receives as `this`
 * @throws RangeError when the scenario's own wait function returns neither a string nor a finite number of at least 0
 * @throws BurstError (104) when that function returns a string that is not a duration, or a duration of more than a year
 */
export function pauseMs(
  wait: Exclude<Wait, { kind: 'pacing' }>,
  draw: () => number,
  { user, className }: { user?: object | undefined; className: string },
): number {
  if (typeof wait !== 'function') return wait.lowMs + draw() * (wait.highMs - wait.lowMs)
  const given: unknown = wait.call(user)
  const isNumber = typeof given === 'number' && Number.isFinite(given) && given >= 0
  if (isNumber && given * 1000 <= longestMs) return given * 1000
  if (isNumber || typeof given === 'string') return durationMs(given, `wait() of class ${className}`)
  throw new RangeError(
    `wait() of class ${className} returned ${inWords(given)}; it must return a number of seconds, or a duration like '500ms'`,
  )
}
