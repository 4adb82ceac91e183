import { performance } from '../../../guard/built-ins.ts'
import type { Wait } from '../../../../core/authoring/wait.ts'
import { durationMs } from '../../../../core/duration.ts'
import { inWords } from '../../../../core/given.ts'

/** Slots that are overdue by more than this are given up. */
const longestBacklogMs = 60_000

interface CarriedPace {
  intentMs: number
  slotBaseMs: number
  slot: number
}

/**
 * When a user means to act: the previous response's end plus planned pauses, or its slot on a pacing grid. Kept apart from when it does
 * act, so that the difference can be shown.
 */
export class Pace {
  /** Since when the user's code has not come back to burst: to call, to pause, or to end an iteration. Infinite between iterations. */
  awayMs = Number.POSITIVE_INFINITY
  #intentMs = 0
  #slotBaseMs = 0
  #slot = 0
  /** Lags of pauses and starts since the last request: they come one after another. */
  #lagMs = 0
  /** Greatest lag of a response since the last request: responses to requests side by side come at one time. */
  #responseLagMs = 0

  begin(plannedMs: number): void {
    this.#intentMs = plannedMs
    this.#slotBaseMs = plannedMs
    this.awayMs = plannedMs
  }

  /** For the next request: when it was meant to go out, and how late its user was resumed for it. */
  takeIntent(): { intentMs: number; lagBeforeMs: number } {
    const taken = { intentMs: this.#intentMs, lagBeforeMs: this.#lagMs + this.#responseLagMs }
    this.#forgetLag()
    return taken
  }

  /** What another process needs to go on, as moments after `startMs`. */
  carried(startMs: number): CarriedPace {
    return { intentMs: this.#intentMs - startMs, slotBaseMs: this.#slotBaseMs - startMs, slot: this.#slot }
  }

  /** Goes on where another process was. */
  restore({ intentMs, slotBaseMs, slot }: CarriedPace, startMs: number): void {
    this.#intentMs = startMs + intentMs
    this.#slotBaseMs = startMs + slotBaseMs
    this.#slot = slot
  }

  /** A pause has ended, so much later than it should have. */
  resumed(lagMs: number, nowMs: number): void {
    this.noteLag(lagMs)
    this.awayMs = nowMs
  }

  /** The user's code begins an iteration. @returns the same moment */
  goAway(nowMs: number): number {
    this.awayMs = nowMs
    return nowMs
  }

  /** A response ended, and its user goes on `lagMs` later. */
  responseEnded(endMs: number, lagMs: number): void {
    this.#intentMs = Math.max(this.#intentMs, endMs)
    this.awayMs = Math.max(this.awayMs, endMs)
    this.#responseLagMs = Math.max(this.#responseLagMs, lagMs)
  }

  planPause(ms: number): void {
    this.#intentMs += ms
  }

  /** The user means to act at this moment (an arrival's scheduled time). */
  meantFor(atMs: number): void {
    this.#intentMs = atMs
    this.#forgetLag()
  }

  noteLag(lagMs: number): void {
    this.#lagMs += lagMs
  }

  /** The next slot of a grid. Overdue slots are taken at once, at most a minute of them; `catchUp: false` drops all overdue ones. */
  nextSlot(grid: { everyMs: number; catchUp: boolean }, nowMs: number): { atMs: number; missed: number } {
    const due = Math.floor((nowMs - this.#slotBaseMs) / grid.everyMs)
    const next = this.#slot + 1
    const oldest = grid.catchUp ? due - Math.floor(longestBacklogMs / grid.everyMs) : due + 1
    const missed = Math.max(0, oldest - next)
    this.#slot = next + missed
    const atMs = this.#slotBaseMs + this.#slot * grid.everyMs
    this.#intentMs = atMs
    // What lies ahead is not late for what held the user up before.
    if (atMs > nowMs) this.#forgetLag()
    return { atMs, missed }
  }

  #forgetLag(): void {
    this.#lagMs = 0
    this.#responseLagMs = 0
  }
}

/** The pause after an iteration. */
export interface PauseAfter {
  ms: number
  /** By the scenario's wait, and not by a slot of a pacing grid. */
  planned: boolean
  /** Slots of the grid that were given up. */
  missed: number
}

/** How long a user pauses after an iteration: by its wait, but at least so long. */
export function pauseAfter(
  wait: Wait | undefined,
  leastMs: number,
  { pace, draw }: { pace: Pace; draw: () => number },
): PauseAfter {
  if (typeof wait === 'object' && wait.kind === 'pacing') {
    const nowMs = performance.now()
    const { atMs, missed } = pace.nextSlot(wait, nowMs)
    return { ms: Math.max(atMs - nowMs, leastMs), planned: false, missed }
  }
  const drawn = wait ? pauseMs(wait, draw) : 0
  return { ms: Math.max(leastMs, drawn), planned: wait !== undefined || leastMs > 0, missed: 0 }
}

/**
 * How long a wait is this time, milliseconds.
 * @throws RangeError when the scenario's own wait function gives something else than a duration
 */
export function pauseMs(wait: Exclude<Wait, { kind: 'pacing' }>, draw: () => number): number {
  if (typeof wait !== 'function') return wait.lowMs + draw() * (wait.highMs - wait.lowMs)
  const given: unknown = wait()
  if (typeof given === 'number' && Number.isFinite(given) && given >= 0) return given * 1000
  if (typeof given === 'string') return durationMs(given, 'wait()')
  throw new RangeError(`wait() gave ${inWords(given)}: it returns seconds, or a duration like '500ms'`)
}
