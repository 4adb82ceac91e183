import { type Command, Option } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import { type ScaleFlags, overByDefaultMs, wantedLoad } from '../../flags/wanted-load.ts'
import { addRunArgument, namedRun, placeOf } from './run-argument.ts'

type Flags = PlaceFlags & ScaleFlags & { local?: boolean; yes?: boolean }

/** `burst scale`: changes the load of a run in progress. */
export function addScale(program: Command): void {
  const command = program
    .command('scale')
    .description('change the users or the rate of a run in progress; the new load continues until the run ends')
  addRunArgument(command)
  addFlags(command, 'Load:', [
    new Option('-u, --users <n>', 'the new number of users; 0 is allowed'),
    new Option('--rate <n>', 'the new arrivals per second, for a run with arrivals'),
    new Option('--over <time>', `how long the change of the load takes; default: ${overByDefaultMs / 1000}s`),
    new Option('-r, --spawn-rate <n>', 'the number of users (or arrivals per second) to add or remove per second'),
    new Option('-y, --yes', 'do not ask for confirmation, even if the cost is above $1'),
  ])
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (run: string | undefined, flags: Flags) => {
    const wanted = wantedLoad(flags)
    process.stdout.write(
      `${flags.local ? await scaleHere(run, flags, wanted) : await scaleThere(run, flags, wanted)}\n`,
    )
  })
}

type Load = ReturnType<typeof wantedLoad>

async function scaleHere(run: string | undefined, flags: Flags, wanted: Load): Promise<string> {
  refuseWithLocal(flags, placeNames)
  const { scaleLocal } = await import('../../local-runs/scale.ts')
  return scaleLocal(run, wanted, process.cwd())
}

async function scaleThere(run: string | undefined, flags: Flags, wanted: Load): Promise<string> {
  const name = namedRun(run)
  const { scaleOne } = await import('../../aws/running/scale.ts')
  return scaleOne(await placeOf(flags), name, { wanted, yes: flags.yes ?? false })
}

const examples = `
Examples:
  burst scale --local --users 200
  burst scale 20261121-104411-shop-7f3a --users 20000 --over 1m
  burst scale 20261121-104411-shop-7f3a --rate 500 --spawn-rate 10`
