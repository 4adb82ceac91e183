import { type Command, Option } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { localFlag, placeNames, refuseWithLocal } from '../../flags/local-flag.ts'
import { whole } from '../../flags/numbers.ts'
import { placeFlags } from '../../flags/place-flags.ts'
import { placeOf } from './run-argument.ts'

type Flags = PlaceFlags & { last: string; local?: boolean }

/** `burst list`: lists the runs of the stack or of this machine. */
export function addList(program: Command): void {
  const command = program
    .command('list')
    .description('list the runs on AWS, or with --local the runs on this machine, newest first')
  addFlags(command, 'What:', [new Option('-n, --last <n>', 'the number of runs to list').default('20')])
  addFlags(command, 'Where:', [localFlag(), ...placeFlags()])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (flags: Flags) => {
    const last = whole(flags.last, '--last', Number.MAX_SAFE_INTEGER) as number
    if (flags.local) {
      refuseWithLocal(flags, placeNames)
      const { renderLocalRuns } = await import('../../local-runs/list.ts')
      process.stdout.write(`${await renderLocalRuns(process.cwd(), last)}\n`)
      return
    }
    const { renderRuns } = await import('../../aws/running/list.ts')
    process.stdout.write(`${await renderRuns(await placeOf(flags), last)}\n`)
  })
}

const examples = `
Examples:
  burst list
  burst list --local
  burst list -n 5 --region eu-central-1`
