import type { Command } from 'commander'
import { addDebugFlag, addFlags, loadFlags, scenarioFlags } from '../flags/flags.ts'
import {
  addPageGroup,
  addPlaceGroups,
  addResultGroup,
  detachFlag,
  fileFlag,
  scenarioCommand,
} from '../flags/flag-groups.ts'
import { type FindFlags, findFlags, findWish } from '../flags/find-flags.ts'
import { type Flags, run } from './run.ts'

/** The load flags that both `burst run` and `burst find` have. */
const shared = new Set(['host', 'interval', 'abortOn', 'stopTimeout'])

/** `burst find`: runs a search for the highest load at which the thresholds hold, and writes its report. */
export function addFind(program: Command, done: (exitCode: number) => void): void {
  const what = 'find the highest load at which thresholds hold, and write the report'
  const command = scenarioCommand(program, 'find', what)
  addFlags(command, 'Search:', [
    fileFlag(),
    ...findFlags(),
    ...loadFlags().filter((flag) => shared.has(flag.attributeName())),
  ])
  addFlags(
    command,
    'Scenario:',
    scenarioFlags().filter((flag) => flag.attributeName() !== 'iterations'),
  )
  addPlaceGroups(command, [detachFlag()])
  addResultGroup(command)
  addPageGroup(command)
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: Flags & FindFlags) =>
    done(await run(scenario, flags, { find: findWish(flags) })),
  )
}

const examples = `
burst tries one load per step, and judges the thresholds over the whole step. A load holds if all thresholds hold; otherwise the load breaks.
The load doubles until a load breaks. Then burst halves the interval between the highest load that held and the lowest load that broke.
The search ends when this interval is as narrow as --precision. If the last load broke, burst repeats the highest load that held.
Loads are users, or arrivals per second if the file has arrivals.
Exit codes: 0 a highest load was found, 99 the load of the first step broke, 98 the search has no result.

Examples:
  burst find shop.burst.ts --local --max 500 --until 'p95 < 400ms' --until 'errors < 1%'
  burst find shop.burst.ts --local                   with find: { … } of the file
  burst find shop.burst.ts --max 50000 --start 1000 --step 2m --precision 10%`
