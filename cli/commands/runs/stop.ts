import { type Command, Option } from 'commander'
import { invalidInput } from '../../../core/errors.ts'
import type { PlaceFlags } from '../../aws/place.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal, whereRunsAreNamed } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import type { StopHow } from '../../local-runs/stop.ts'
import { addRunArgument, placeOf } from './run-argument.ts'

type Flags = PlaceFlags & { local?: boolean; all?: boolean; now?: boolean; reason?: string }

/** Adds the commands `burst stop` and `burst resume`. */
export function addStop(program: Command): void {
  const command = program
    .command('stop')
    .description('stop a run on AWS, or with --local on this machine; the run ends gracefully and writes its report')
  addRunArgument(command)
  addFlags(command, 'What:', [
    new Option(
      '--all',
      'stop every run of the stack, and prevent new runs until burst resume; with --local, stop every run on this machine',
    ),
    new Option(
      '--now',
      'skip onStop and cut off the requests in flight; the report counts these requests as interrupted',
    ),
    new Option(
      '--reason <text>',
      'the reason to show in the report; default: "burst stop", or with --now: "burst stop --now"',
    ),
  ])
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (run: string | undefined, flags: Flags) => {
    refuseUnclear(run, flags)
    if (flags.local) return stopHere(run, flags)
    const { stopEvery, stopOne } = await import('../../aws/running/stop.ts')
    const place = await placeOf(flags)
    say(run === undefined ? await stopEvery(place, howOf(flags)) : await stopOne(place, run, howOf(flags)))
  })
  addResume(program)
}

/**
 * Checks that the person either names a run or sets `--all`. With `--local`, the person may also do neither.
 * @throws BurstError (104) when the check fails
 */
function refuseUnclear(run: string | undefined, { all = false, local = false }: Flags): void {
  if (all && run !== undefined) throw invalidInput('name one run, or --all', { hint: 'remove one of these flags' })
  if (!all && !local && run === undefined) throw invalidInput('name one run, or --all', { hint: whereRunsAreNamed })
}

async function stopHere(run: string | undefined, flags: Flags): Promise<void> {
  refuseWithLocal(flags, placeNames)
  const { stopEveryLocal, stopLocal } = await import('../../local-runs/stop.ts')
  say(flags.all ? await stopEveryLocal(howOf(flags)) : await stopLocal(run, howOf(flags), process.cwd()))
}

function howOf({ now = false, reason }: Flags): StopHow {
  return { now, reason: reason ?? (now ? 'burst stop --now' : 'burst stop') }
}

function addResume(program: Command): void {
  const command = program.command('resume').description('let runs start again after burst stop --all')
  addFlags(command, 'Where:', placeFlags())
  addDebugFlag(command)
  command.addHelpText('after', '\nExamples:\n  burst resume')
  command.action(async (flags: PlaceFlags) => {
    const { resumeStack } = await import('../../aws/running/stop.ts')
    say(await resumeStack(await placeOf(flags)))
  })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const examples = `
Examples:
  burst stop 20261121-104411-shop-7f3a
  burst stop 20261121-104411-shop-7f3a --now
  burst stop --all
  burst stop --local`
