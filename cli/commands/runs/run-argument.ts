import type { Command } from 'commander'
import { invalidInput } from '../../../core/errors.ts'
import type { Place, PlaceFlags } from '../../aws/place.ts'
import { whereRunsAreNamed } from '../../flags/local-flag.ts'

/** Adds the argument that names a run in progress. */
export function addRunArgument(command: Command): Command {
  return command.argument(
    '[run]',
    'the name of the run, from burst list; with --local, not needed if only one run is in progress',
  )
}

/** @throws BurstError (104) when no run is named, because on AWS there is no default */
export function namedRun(run: string | undefined): string {
  if (run === undefined) throw invalidInput('name the run', { hint: whereRunsAreNamed })
  return run
}

/** Returns the stack from the flags or the settings. The code for AWS is loaded only when a command needs it. */
export async function placeOf(flags: PlaceFlags): Promise<Place> {
  const { choosePlace } = await import('../../aws/place.ts')
  return choosePlace(flags, process.cwd())
}
