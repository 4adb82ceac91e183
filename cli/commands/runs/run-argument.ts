import type { Command } from 'commander'
import { invalidInput } from '../../../core/errors.ts'
import type { Place, PlaceFlags } from '../../aws/place.ts'
import { whereRunsAreNamed } from '../../flags/local-flag.ts'

/** Adds the optional argument that names a run. */
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

/** Returns the region, profile, stack name and endpoint from the flags or the settings. Loads the code for AWS only when a command needs it. */
export async function placeOf(flags: PlaceFlags): Promise<Place> {
  const { choosePlace } = await import('../../aws/place.ts')
  return choosePlace(flags, process.cwd())
}
