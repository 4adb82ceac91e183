import { greatest } from '../../extremes.ts'
import { invalidInput } from '../../errors.ts'
import { type Profile, peakLevel, profileOf } from './load.ts'
import type { Stage } from '../../authoring/load-stages.ts'
import type { RunOptions } from '../options.ts'
import { usersCap } from '../option-checks.ts'
import { profileOfSamples, rampThenHold, rescaled, withEnd } from './profile.ts'
import type { ScenarioDescription } from '../../authoring/description.ts'
import { grouped, span } from '../../words.ts'

type Arrivals = Extract<Stage, { kind: 'arrivals' }>

/** The load of the scenario file, changed by the options of the command line. */
export interface PlannedLoad {
  model: 'users' | 'arrivals'
  profile: Profile
  /** Open model: the maximum number of users in the pool, if the scenario file sets a maximum. */
  maxUsers: number | null
  freshUser: boolean
}

/**
 * Applies `-u`, `-r`, `-t` and `--rate` to the load of the scenario file. First `-t` cuts or extends the load. Then `-u` or `--rate` scales the load
 * to the given peak; the times stay the same. `-r` replaces the load with a ramp at the given rate, followed by a hold. If neither the file nor the
 * command line contains a load, the load is 1 user.
 * @throws BurstError (104) when the options contradict each other or the load is 0 at all times
 */
export function layLoad(load: ScenarioDescription['load'], options: RunOptions): PlannedLoad {
  const open = arrivalsOf(load)
  const isOpen = open.length > 0 || (load.kind === 'none' && options.rate !== undefined)
  const planned = isOpen ? openLoad(open, options) : closedLoad(load, options)
  if (peakLevel(planned.profile) > 0) return planned
  const { endMs } = planned.profile
  throw invalidInput(
    `the load has 0 ${isOpen ? 'arrivals' : 'users'} from its start to its end${endMs === null ? '' : ` (${span(endMs)})`}`,
    {
      hint: 'give a ramp() to more than 0, or a longer -t',
    },
  )
}

function arrivalsOf(load: ScenarioDescription['load']): Arrivals[] {
  const stages = load.kind === 'stages' ? load.stages : []
  const open = stages.filter((stage) => stage.kind === 'arrivals')
  if (open.length === 0 || open.length === stages.length) return open
  throw invalidInput('load mixes arrivals with ramp or hold', {
    hint: 'use either users (ramp, hold) or arrivals (arrivals, rampArrivals)',
  })
}

function closedLoad(load: ScenarioDescription['load'], options: RunOptions): PlannedLoad {
  if (options.rate !== undefined) {
    throw invalidInput('--rate is for arrivals, but this scenario has users', { hint: 'use -u for users' })
  }
  return { model: 'users', profile: closedProfile(fileProfile(load), options), maxUsers: null, freshUser: false }
}

function closedProfile(file: Profile | undefined, { users, spawnRate, runTimeMs }: RunOptions): Profile {
  const base = file ?? { points: [{ atMs: 0, level: 1 }], endMs: null }
  if (spawnRate !== undefined) {
    return rampThenHold(users ?? peakLevel(base), spawnRate, runTimeMs ?? base.endMs)
  }
  return scaled(withEnd(base, runTimeMs), users)
}

function fileProfile(load: ScenarioDescription['load']): Profile | undefined {
  if (load.kind === 'stages' && load.stages.length > 0) return profileOf(load.stages)
  return load.kind === 'samples' ? profileOfSamples(load.users, load.ended) : undefined
}

function openLoad(stages: readonly Arrivals[], options: RunOptions): PlannedLoad {
  rejectUserOptions(options)
  const { rate, runTimeMs } = options
  const file = stages.length > 0 ? profileOf(stages) : { points: [{ atMs: 0, level: rate ?? 0 }], endMs: null }
  const most = rate ?? peakLevel(file)
  if (most > usersCap) {
    throw invalidInput(`the load has ${grouped(most)} arrivals per second`, {
      hint: `the maximum is ${grouped(usersCap)}`,
    })
  }
  const limits = stages.flatMap((stage) => (stage.maxUsers === undefined ? [] : [stage.maxUsers]))
  return {
    model: 'arrivals',
    profile: scaled(withEnd(file, runTimeMs), rate),
    maxUsers: limits.length === 0 ? null : greatest(limits, Number),
    freshUser: stages.some((stage) => stage.freshUser === true),
  }
}

function rejectUserOptions({ users, spawnRate, iterations }: RunOptions): void {
  const given = [
    [users, '-u'],
    [spawnRate, '-r'],
    [iterations, '--iterations'],
  ].find(([value]) => value !== undefined)
  if (!given) return
  throw invalidInput(`${given[1]} is for users, but this scenario has arrivals`, {
    hint: 'use --rate for the arrivals per second, and -t for the duration',
  })
}

function scaled(profile: Profile, peak: number | undefined): Profile {
  return peak === undefined || peakLevel(profile) === 0 ? profile : rescaled(profile, peak)
}
