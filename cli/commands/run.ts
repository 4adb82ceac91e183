import { type Command, Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import { runLocally } from '../local.ts'
import { type RunFlags, runOptions } from '../options.ts'
import { findScenario, scenarioAndTags } from '../scenario-file.ts'
import { addDebugFlag, addFlags, loadFlags, outputFlags, repeated, workerFlags } from './flags.ts'

/** `burst run`: a scenario from start to report. */
export function addRun(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('run')
    .description('run a scenario and write its report')
    .argument('[scenario]', 'the file; default: the only *.burst.ts of the folder')
  addFlags(command, 'Load:', [new Option('-f, --file <file>', 'the scenario, like the argument'), ...loadFlags()])
  addFlags(command, 'Scenario:', [
    new Option('-T, --tags <tags...>', 'only tasks with one of these tags'),
    new Option('-E, --exclude-tags <tags...>', 'no tasks with one of these tags'),
    new Option('--iterations <n>', 'every user ends after n iterations'),
    new Option('--seed <text>', 'repeats what users draw; default: a new one, which the report names'),
    new Option('--var <key=value>', "this.vars of the scenario's users; may be repeated").argParser(repeated),
  ])
  addFlags(command, 'Where:', [new Option('--local', 'on this machine, without AWS'), ...workerFlags()])
  addFlags(command, 'Result:', [
    ...outputFlags(),
    new Option('--name <text>', "what the report calls the run; default: the scenario's name"),
    new Option('--fail-on-error', 'exit 99 if any request failed'),
  ])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: RunFlags) => done(await run(scenario, flags)))
}

async function run(argument: string | undefined, flags: RunFlags): Promise<number> {
  const { file, tags, excludeTags } = scenarioAndTags(argument, flags)
  const options = runOptions({ ...flags, tags, excludeTags })
  if (!flags.local) throw noStack()
  const cwd = process.cwd()
  return runLocally({
    file: await findScenario(file, cwd),
    options,
    cwd,
    out: flags.out,
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
  })
}

function noStack(): Error {
  return invalidInput('this burst has no deployed stack to run on', {
    hint: 'add --local to run on this machine: the same code, the same report, no AWS',
  })
}

const examples = `
Times are written 300 (seconds), 30s, 5m or 1h30m. Without -u, -r or -t the load is the file's.

Examples:
  burst run --local                                  as the only *.burst.ts here says
  burst run shop.burst.ts --local -u 200 -r 20 -t 2m
  burst run shop.burst.ts --local -H https://staging.example.com --fail-on-error
  burst run shop.burst.ts --local --tags checkout --json > report.json`
