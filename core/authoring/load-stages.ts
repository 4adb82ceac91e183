import { type Duration, durationMs } from '../duration.ts'
import { invalidInput } from '../errors.ts'
import { inWords, refuseSurplus, refuseUnknown } from '../values-in-words.ts'

/** One stage of `load: […]` as plain data, made by `ramp`, `hold`, `arrivals` or `rampArrivals`. `ms` is the duration in milliseconds. */
export type Stage =
  | { kind: 'ramp'; to: number; ms: number }
  | { kind: 'hold'; ms: number }
  | { kind: 'arrivals'; from: number; to: number; ms: number; maxUsers?: number; freshUser?: boolean }

/** Options of the open model. */
export interface ArrivalOptions {
  /**
   * The maximum number of users in the pool over all workers; a whole number from 1. If several stages set `maxUsers`, the greatest value applies.
   * Default: 10 × the greatest rate, rounded up, but at least 100. On one machine, or with `--workers`, the default is not greater than the number of
   * users that the workers can run.
   */
  maxUsers?: number
  /**
   * `true`: each arrival has a new user (new connection, cookies, `onStart`). If one stage sets `true`, then `true` applies to all stages. Default
   * false: a pooled user runs one iteration for each arrival.
   */
  freshUser?: boolean
}

/**
 * Changes the number of users to `users`, evenly over `duration` (`'0s'` is a jump). The first stage begins with 0 users.
 * @throws BurstError (104) when `users` is negative or not a number, or `duration` is not a duration
 */
export function ramp(users: number, duration: Duration): Stage {
  refuseSurplus(arguments, 2, 'ramp() takes a number of users and a duration')
  return { kind: 'ramp', to: level(users, 'ramp'), ms: durationMs(duration, 'the duration of ramp()') }
}

/**
 * Keeps the current number of users for `duration`.
 * @throws BurstError (104) when `duration` is not a duration
 */
export function hold(duration: Duration): Stage {
  refuseSurplus(arguments, 1, 'hold() takes a duration')
  return { kind: 'hold', ms: durationMs(duration, 'the duration of hold()') }
}

/**
 * Starts `perSecond` iterations each second for `duration`, however slowly the target answers (open model).
 * @throws BurstError (104) when an argument is invalid
 */
export function arrivals(perSecond: number, duration: Duration, options: ArrivalOptions = {}): Stage {
  return rampArrivals(perSecond, perSecond, duration, options)
}

/**
 * Starts iterations like `arrivals`, at a rate that changes evenly from `from` to `to` (iterations per second).
 * @throws BurstError (104) when an argument is invalid
 */
export function rampArrivals(from: number, to: number, duration: Duration, options: ArrivalOptions = {}): Stage {
  const ms = durationMs(duration, 'the duration of arrivals()')
  checkArrivalOptions(options)
  return { kind: 'arrivals', from: level(from, 'arrivals'), to: level(to, 'arrivals'), ms, ...options }
}

function checkArrivalOptions(options: ArrivalOptions): void {
  refuseUnknown(options, ['maxUsers', 'freshUser'], 'the last argument of arrivals()')
  const { maxUsers, freshUser } = options
  if (maxUsers !== undefined && (!Number.isInteger(maxUsers) || maxUsers < 1)) {
    throw invalidInput(`maxUsers of arrivals() is ${inWords(maxUsers)}`, { hint: 'give a whole number from 1 up' })
  }
  if (freshUser === undefined || typeof freshUser === 'boolean') return
  throw invalidInput(`freshUser of arrivals() is ${inWords(freshUser)}`, { hint: 'write true or false' })
}

function level(value: number, what: string): number {
  if (Number.isFinite(value) && value >= 0) return value
  throw invalidInput(`${what}() was given ${inWords(value)}`, { hint: 'give a number from 0 up' })
}
