import { invalidInput } from '../../core/errors.ts'
import type { Wanted } from '../../core/fleet/changes/scale.ts'
import { usersCap } from '../../core/plan/option-checks.ts'
import { numberIn, whole } from './numbers.ts'
import { rate, time } from './run-options.ts'

/** The flags of `burst scale`, as typed. */
export interface ScaleFlags {
  users?: string
  rate?: string
  over?: string
  spawnRate?: string
}

/** The duration of a change in milliseconds if neither `--over` nor `--spawn-rate` is given. */
export const overByDefaultMs = 5_000
const longestMs = 7 * 24 * 3_600_000

/**
 * Returns the requested load from the flags.
 * @throws BurstError (104) when a flag is not valid, when `--users` and `--rate` are both given or both missing, or when `--over` and `--spawn-rate`
 * are both given
 */
export function wantedLoad(flags: ScaleFlags): Wanted {
  const users = whole(flags.users, '--users', usersCap, 0)
  const arrivals = flags.rate !== undefined && numberIn(flags.rate) === 0 ? 0 : rate(flags.rate, '--rate')
  const model = users === undefined ? 'arrivals' : 'users'
  const level = users ?? arrivals
  if (users !== undefined && arrivals !== undefined) {
    throw invalidInput('--users and --rate cannot be combined', { hint: '--rate applies only to a run with arrivals' })
  }
  if (level === undefined) {
    throw invalidInput('the new load is missing', { hint: 'use --users, or --rate for a run with arrivals' })
  }
  return { model, level, change: changeOf(flags) }
}

function changeOf(flags: ScaleFlags): Wanted['change'] {
  const overMs = time(flags.over, '--over', { least: 0, most: longestMs })
  const perSecond = rate(flags.spawnRate, '--spawn-rate')
  if (overMs !== undefined && perSecond !== undefined) {
    throw invalidInput('--over and --spawn-rate cannot be combined', { hint: 'remove one of these flags' })
  }
  return perSecond === undefined ? { overMs: overMs ?? overByDefaultMs } : { perSecond }
}
