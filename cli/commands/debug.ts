import { type Command, Option } from 'commander'
import { exitCodes } from '../../core/errors.ts'
import { type RunFlags, runOptions } from '../flags/run-options.ts'
import { connectionFlags } from '../flags/connection-flags.ts'
import { scenarioCommand } from '../flags/flag-groups.ts'
import { findScenario, scenarioAndTags } from '../flags/scenario-argument.ts'
import { clean, styleFor } from '../terminal/style.ts'
import { addDebugFlag, addFlags, envFileFlag, filesFlag, repeated } from '../flags/flags.ts'

/** `burst debug`: runs one user of each class and shows each exchange. Exits with 99 if a request failed or user code threw. */
export function addDebug(program: Command, done: (exitCode: number) => void): void {
  const what = 'run each task once, with one user of each class, and show every exchange with secrets masked'
  const command = scenarioCommand(program, 'debug', what)
  addFlags(command, 'Scenario:', [
    new Option('-H, --host <url>', 'the target, instead of the target in the file'),
    new Option('-T, --tags <tags...>', 'run only the tasks with one of these tags'),
    new Option('-E, --exclude-tags <tags...>', 'leave out the tasks with one of these tags'),
    new Option('--seed <text>', 'the seed for the random choices of users'),
    envFileFlag(),
    filesFlag(),
    new Option('--var <key=value>', 'a value in this.vars of every user; may be repeated').argParser(repeated),
  ])
  addFlags(command, 'Connections:', connectionFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: RunFlags) => done(await debug(scenario, flags)))
}

async function debug(scenario: string | undefined, flags: RunFlags): Promise<number> {
  const cwd = process.cwd()
  const { file, tags, excludeTags } = scenarioAndTags(scenario, flags)
  const options = runOptions({ ...flags, tags, excludeTags })
  const [{ debugScenario }, { renderTrace }] = await Promise.all([
    import('../local-runs/starting/debug-run.ts'),
    import('../terminal/render-exchange.ts'),
  ])
  const style = styleFor(process.stdout)
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  const { failures, exceptions } = await debugScenario({
    file: await findScenario(file, cwd),
    options,
    cwd,
    show: (event, masked) => print(masked(renderTrace(event, style))),
  })
  for (const { message, stack } of exceptions) {
    print([style.red(`✗ ${clean(message)}`), ...stack.split('\n').map(clean)].join('\n'))
  }
  return failures + exceptions.length > 0 ? exitCodes.thresholdFailed : exitCodes.ok
}

const examples = `
Examples:
  burst debug
  burst debug shop.burst.ts --tags checkout --seed 7f3a`
