import type { Command } from 'commander'
import { invalidInput } from '../../../core/errors.ts'
import type { PlaceFlags } from '../../aws/place.ts'
import type { RunFlags } from '../../flags/run-options.ts'
import { addDebugFlag, addFlags, outputFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'

type Flags = PlaceFlags & Pick<RunFlags, 'out' | 'json' | 'quiet' | 'local'>

/** `burst watch`: shows a run on AWS from any machine, or a local run that another terminal started. */
export function addWatch(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('watch')
    .description(
      'follow a run on AWS, or with --local on this machine, until its report is ready; Ctrl-C stops the run',
    )
    .argument(
      '[run]',
      'the name of the run, from burst list; with --local it may be left out when only one run is in progress',
    )
  addFlags(command, 'Result:', outputFlags())
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (run: string | undefined, flags: Flags) => {
    const { out, json = false, quiet = false } = flags
    if (flags.local) {
      refuseWithLocal(flags, ['out', ...placeNames])
      const { watchLocal } = await import('../../local-runs/watch.ts')
      return done(await watchLocal(run, { cwd: process.cwd(), json, quiet }))
    }
    if (run === undefined) throw invalidInput('name the run', { hint: 'burst list names the runs' })
    const [{ choosePlace }, { watchOnAws }] = await Promise.all([
      import('../../aws/place.ts'),
      import('../../aws/running/watch.ts'),
    ])
    const place = await choosePlace(flags, process.cwd())
    done(await watchOnAws(place, run, { cwd: process.cwd(), out, json, quiet }))
  })
}

const examples = `
Examples:
  burst watch 20261121-104411-shop-7f3a
  burst watch --local`
