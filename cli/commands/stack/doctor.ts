import { type Command, Option } from 'commander'
import { exitCodes } from '../../../core/errors.ts'
import type { Finding } from '../../aws/deploying/doctor.ts'
import type { PlaceFlags } from '../../aws/place.ts'
import { type RunFlags, runOptions } from '../../flags/run-options.ts'
import { clean, type Style, styleFor } from '../../terminal/style.ts'
import { addDebugFlag, addFlags } from '../../flags/flags.ts'
import { placeFlags } from '../../flags/place-flags.ts'

type Flags = PlaceFlags & Pick<RunFlags, 'host' | 'users'>

/** `burst doctor`: checks everything that a run on AWS needs, and runs one user if no check has failed. Exits with 97 if a check failed. */
export function addDoctor(program: Command, done: (exitCode: number) => void): void {
  const command = program.command('doctor').description('check everything that a run on AWS needs, and run one user')
  addFlags(command, 'What:', [
    new Option('-H, --host <url>', 'the target; default: the first allowed host without * in its name'),
    new Option('-u, --users <n>', 'check that the account has enough concurrency for this many users'),
  ])
  addFlags(command, 'Where:', placeFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (flags: Flags) => {
    const { host, users } = runOptions({
      ...(flags.host && { host: flags.host }),
      ...(flags.users && { users: flags.users }),
    })
    const [{ choosePlace }, { examine }] = await Promise.all([
      import('../../aws/place.ts'),
      import('../../aws/deploying/doctor.ts'),
    ])
    const place = await choosePlace(flags, process.cwd())
    const style = styleFor(process.stdout)
    const tell = (finding: Finding): void => void process.stdout.write(`${shown(finding, style)}\n`)
    done((await examine(place, { host, users, tell })) ? exitCodes.ok : exitCodes.runFailed)
  })
}

function shown({ state, text, hint }: Finding, style: Style): string {
  const mark = { well: style.green('✓'), note: style.yellow('·'), ill: style.red('✗') }[state]
  return `${mark} ${clean(text)}${hint === undefined ? '' : `\n    ${style.dim(clean(hint))}`}`
}

const examples = `
Examples:
  burst doctor -H https://shop.example.com
  burst doctor --users 50000`
