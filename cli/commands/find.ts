import { type Command, Option } from 'commander'
import { addDebugFlag, addFlags, awsFlags, loadFlags, outputFlags, scenarioFlags, workerFlags } from '../flags/flags.ts'
import { connectionFlags } from '../flags/connection-flags.ts'
import { type FindFlags, findFlags, findWish } from '../flags/find-flags.ts'
import { placeFlags } from '../flags/place-flags.ts'
import { type Flags, run } from './run.ts'
import { uiFlags } from './ui.ts'

/** The flags of `burst run` about the load that `burst find` also has. */
const shared = new Set(['host', 'interval', 'abortOn', 'stopTimeout'])

/** `burst find`: a run that searches for the highest load at which thresholds hold. */
export function addFind(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('find')
    .description('find the highest load at which thresholds hold, and write the report')
    .argument('[scenario]', 'the file; default: the only *.burst.ts of the folder')
  addFlags(command, 'Search:', [
    new Option('-f, --file <file>', 'the scenario, like the argument'),
    ...findFlags(),
    ...loadFlags().filter((flag) => shared.has(flag.attributeName())),
  ])
  addFlags(
    command,
    'Scenario:',
    scenarioFlags().filter((flag) => flag.attributeName() !== 'iterations'),
  )
  addFlags(command, 'Connections:', connectionFlags())
  addFlags(command, 'Where:', [
    new Option('--local', 'on this machine, without AWS'),
    ...workerFlags(),
    ...placeFlags(),
  ])
  addFlags(command, 'On AWS:', [
    new Option('--detach', "print the run's id and exit; burst watch shows the run again"),
    ...awsFlags(),
  ])
  addFlags(command, 'Result:', [
    ...outputFlags(),
    new Option('--name <text>', "the name of the run in the report; default: the scenario's name"),
    new Option('--yes', 'do not ask, even above $1'),
  ])
  addFlags(command, 'Page:', [
    new Option('--ui', 'show the run in the browser while it runs; with --local'),
    ...uiFlags(),
  ])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: Flags & FindFlags) =>
    done(await run(scenario, flags, { find: findWish(flags) })),
  )
}

const examples = `
The load doubles until a threshold breaks over a whole step; then the interval between the highest load that held and the lowest that
broke is halved, until it is narrow enough. The load is in users, or in arrivals per second where the file has arrivals.
Exit codes: 0 a highest load was found, 99 the first step broke, 98 the search has no result.

Examples:
  burst find shop.burst.ts --local --max 500 --until 'p95 < 400ms' --until 'errors < 1%'
  burst find shop.burst.ts --local                   as find: { … } in the file says
  burst find shop.burst.ts --max 50000 --start 1000 --step 2m --precision 10%`
