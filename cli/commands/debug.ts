import { type Command, Option } from 'commander'
import { debugScenario } from '../debug-run.ts'
import { type RunFlags, runOptions } from '../options.ts'
import { findScenario } from '../scenario-file.ts'
import { renderExchange } from '../terminal/exchange.ts'
import { styleFor } from '../terminal/style.ts'
import { addDebugFlag, addFlags, repeated } from './flags.ts'

/** `burst debug`: one user, each exchange shown. */
export function addDebug(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('debug')
    .description('run one user once and show every exchange, shortened, secrets masked')
    .argument('[scenario]', 'the file; default: the only *.burst.ts of the folder')
  addFlags(command, 'Scenario:', [
    new Option('-H, --host <url>', 'the target, instead of the one in the file'),
    new Option('-T, --tags <tags...>', 'only tasks with one of these tags'),
    new Option('-E, --exclude-tags <tags...>', 'no tasks with one of these tags'),
    new Option('--iterations <n>', 'so many tasks; default: 1'),
    new Option('--seed <text>', 'repeats what the user draws'),
    new Option('--var <key=value>', "this.vars of the scenario's user; may be repeated").argParser(repeated),
  ])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: RunFlags) => done(await debug(scenario, flags)))
}

async function debug(scenario: string | undefined, flags: RunFlags): Promise<number> {
  const cwd = process.cwd()
  const options = { ...runOptions({ iterations: '1', ...flags }), users: 1, workers: 1 }
  const style = styleFor(process.stdout)
  const file = await findScenario(scenario, cwd)
  return debugScenario({ file, options, cwd }, (exchange) => {
    process.stdout.write(`${renderExchange(exchange, style)}\n\n`)
  })
}

const examples = `
Examples:
  burst debug
  burst debug shop.burst.ts --tags checkout --seed 7f3a`
