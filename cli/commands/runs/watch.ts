import type { Command } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import type { RunFlags } from '../../flags/run-options.ts'
import { addDebugFlag, addFlags, outputFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import { addRunArgument, namedRun, placeOf } from './run-argument.ts'

type Flags = PlaceFlags & Pick<RunFlags, 'out' | 'json' | 'quiet' | 'local'>

/** `burst watch`: shows a run on AWS from any machine, or a local run that another terminal started. */
export function addWatch(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('watch')
    .description(
      'follow a run on AWS, or with --local on this machine, until its report is ready; Ctrl-C stops the run',
    )
  addRunArgument(command)
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
    const name = namedRun(run)
    const { watchOnAws } = await import('../../aws/running/watch.ts')
    done(await watchOnAws(await placeOf(flags), name, { cwd: process.cwd(), out, json, quiet }))
  })
}

const examples = `
Examples:
  burst watch 20261121-104411-shop-7f3a
  burst watch --local`
