import { type Duration, durationMs, longestMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { inWords, isRecord, refuseSurplus, refuseUnknown } from '../values-in-words.ts'

/**
 * The pause of a user after each task. If the wait is a function, burst calls the function before each pause. A wait has no state, so all users of a
 * class can share one wait.
 */
export type Wait =
  | { readonly kind: 'between'; readonly lowMs: number; readonly highMs: number }
  | { readonly kind: 'pacing'; readonly everyMs: number; readonly catchUp: boolean }
  | (() => Duration)

/** The hint in the error messages for a value that is not a wait. */
export const waitHint = "write wait = constant('1s'), between('1s', '5s'), pacing('2s') or a function"

/** Returns whether a value is a wait. Code without types may contain any other value. */
export function isWait(value: unknown): value is Wait {
  if (typeof value === 'function') return true
  if (!isRecord(value)) return false
  const { kind, lowMs, highMs, everyMs } = value
  const [lengths, least] = kind === 'pacing' ? [[everyMs], shortestMs] : [[lowMs, highMs], 0]
  const isKnown = kind === 'pacing' || kind === 'between'
  return isKnown && lengths.every((ms) => typeof ms === 'number' && ms >= least && ms <= longestMs)
}

/**
 * Returns a wait with random pauses, drawn evenly from `low` to `high` (Locust's `between`).
 * @throws BurstError (104) when a limit is not a duration, or `low` is longer than `high`
 */
export function between(low: Duration, high: Duration): Wait {
  refuseSurplus(arguments, 2, 'between() takes two pauses, the shortest and the longest')
  const [lowMs, highMs] = [durationMs(low, 'between()'), durationMs(high, 'between()')]
  if (lowMs > highMs) throw invalidInput(`between(${inWords(low)}, ${inWords(high)}) has its limits in the wrong order`)
  return { kind: 'between', lowMs, highMs }
}

/**
 * Returns a wait with the same pause after each task.
 * @throws BurstError (104) when `pause` is not a duration
 */
export function constant(pause: Duration): Wait {
  refuseSurplus(arguments, 1, 'constant() takes one pause (between() takes two)')
  const ms = durationMs(pause, 'constant()')
  return { kind: 'between', lowMs: ms, highMs: ms }
}

export interface PacingOptions {
  /**
   * `true`: an overdue iteration starts immediately after the previous iteration; an iteration that is more than 60 s overdue is dropped. `false`:
   * every overdue iteration is dropped, as in Locust. Default true.
   */
  catchUp?: boolean
}

/**
 * Starts one iteration per interval `every`, at fixed times that do not depend on the duration of an iteration.
 * @throws BurstError (104) when `every` is not a duration from 1 ms to a year, or when an option is invalid
 */
export function pacing(every: Duration, options: PacingOptions = {}): Wait {
  return grid('pacing()', durationMs(every, 'pacing()'), options)
}

/**
 * Limits each user to `perSecond` iterations per second: `pacing` with an interval of 1/perSecond.
 * @throws BurstError (104) when `perSecond` is not a number above 0, when it is above 1000 or below one iteration per year, or when an option is
 * invalid
 */
export function throughput(perSecond: number, options: PacingOptions = {}): Wait {
  if (typeof perSecond !== 'number') throw invalidInput(`throughput() was given ${inWords(perSecond)}`, { hint: oneUp })
  return grid('throughput()', 1000 / perSecond, options)
}

const oneUp = 'give a number above 0: iterations per second of one user'

/** The shortest interval between iterations in milliseconds. */
const shortestMs = 1

function grid(what: string, everyMs: number, options: PacingOptions): Wait {
  if (!(everyMs > 0 && Number.isFinite(everyMs))) {
    throw invalidInput('pacing() and throughput() need a number above 0')
  }
  if (everyMs > longestMs) {
    throw invalidInput(`${what} is less than one iteration per user per year`, { hint: oneUp })
  }
  if (everyMs < shortestMs) {
    throw invalidInput(`${what} is more than ${1000 / shortestMs} iterations per second of one user`, {
      hint: 'one user cannot run more iterations per second; for a higher total rate, use more users',
    })
  }
  checkOptions(options, what)
  return { kind: 'pacing', everyMs, catchUp: options.catchUp ?? true }
}

function checkOptions(options: PacingOptions, what: string): void {
  refuseUnknown(options, ['catchUp'], `the second argument of ${what}`)
  if (!['undefined', 'boolean'].includes(typeof options.catchUp)) {
    throw invalidInput(`catchUp of ${what} is ${inWords(options.catchUp)}`, { hint: 'write true or false' })
  }
}
