import type { Command } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import type { PauseStep } from '../../run/pause-step.ts'
import { addRunArgument, namedRun, placeOf } from './run-argument.ts'

type Flags = PlaceFlags & { local?: boolean }

/** Adds the commands `burst pause` and `burst continue`. */
export function addPause(program: Command): void {
  addStep(program, 'pause', {
    description:
      'pause a run in progress: its users finish their iteration and keep their state; the run still ends at the planned time',
    examples: pauseExamples,
  })
  addStep(program, 'continue', {
    description: 'continue a paused run: its users come back one after another, with their state',
    examples: continueExamples,
  })
}

function addStep(program: Command, step: PauseStep, texts: { description: string; examples: string }): void {
  const command = program.command(step).description(texts.description)
  addRunArgument(command)
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', texts.examples)
  command.action(async (run: string | undefined, flags: Flags) => {
    process.stdout.write(`${flags.local ? await stepHere(run, flags, step) : await stepThere(run, flags, step)}\n`)
  })
}

async function stepHere(run: string | undefined, flags: Flags, step: PauseStep): Promise<string> {
  refuseWithLocal(flags, placeNames)
  const { pauseLocal } = await import('../../local-runs/pause.ts')
  return pauseLocal(run, step, process.cwd())
}

async function stepThere(run: string | undefined, flags: Flags, step: PauseStep): Promise<string> {
  const name = namedRun(run)
  const { pauseOne } = await import('../../aws/running/pause.ts')
  return pauseOne(await placeOf(flags), name, step)
}

const pauseExamples = `
Examples:
  burst pause --local
  burst pause 20261121-104411-shop-7f3a`

const continueExamples = `
Examples:
  burst continue --local
  burst continue 20261121-104411-shop-7f3a`
