import { type Command, Option } from 'commander'
import type { PlaceFlags } from '../../aws/place.ts'
import { addFlags } from '../../flags/flags.ts'
import { addStackFlags } from '../../flags/place-flags.ts'

type Flags = PlaceFlags & { yes?: boolean; force?: boolean; keepData?: boolean }

/** `burst destroy`: deletes the whole stack. */
export function addDestroy(program: Command): void {
  const command = program.command('destroy').description('delete the stack, with all runs and reports')
  addFlags(command, 'What:', [new Option('--keep-data', 'keep the bucket with the runs and reports')])
  addStackFlags(command)
  command.addHelpText('after', examples)
  command.action(async (flags: Flags) => {
    const [{ choosePlace }, { destroy }] = await Promise.all([
      import('../../aws/place.ts'),
      import('../../aws/deploying/destroy.ts'),
    ])
    const place = await choosePlace(flags, process.cwd())
    const { yes = false, force = false, keepData = false } = flags
    await destroy(place, { yes, force, keepData, say: (line) => void process.stdout.write(`${line}\n`) })
  })
}

const examples = `
Examples:
  burst destroy
  burst destroy --keep-data --yes`
