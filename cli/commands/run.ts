import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { invalidInput } from '../../core/errors.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { workersFor } from '../../core/plan/plan.ts'
import type { PlaceFlags } from '../aws/place.ts'
import { PreparedProcesses } from '../embedded/processes/prepared-processes.ts'
import { type RunRequest, streamOf } from '../run/run-request.ts'
import { type RunFlags, budget, runOptions, summaryFormat } from '../flags/run-options.ts'
import { findScenario, scenarioAndTags } from '../flags/scenario-argument.ts'
import { type AwsFlags, addDebugFlag, addFlags, loadFlags, scenarioFlags } from '../flags/flags.ts'
import {
  addPageGroup,
  addPlaceGroups,
  addResultGroup,
  detachFlag,
  fileFlag,
  scenarioCommand,
} from '../flags/flag-groups.ts'
import { placeNames, refuseWithLocal } from '../flags/local-flag.ts'
import type { UiFlags } from '../flags/ui-flags.ts'
import { uiPlace } from './ui.ts'
import { type MetricsFlags, metricsFlags, observed, refuseDetached } from './metrics-flags.ts'

/** The flags of `burst run`. `burst find` has most of them, and adds its own flags. */
export type Flags = RunFlags &
  PlaceFlags &
  AwsFlags &
  UiFlags &
  MetricsFlags & { ui?: boolean; keepStore?: boolean; detach?: boolean }

/** `burst run`: runs a scenario and writes its report. */
export function addRun(program: Command, done: (exitCode: number) => void): void {
  const command = scenarioCommand(program, 'run', 'run a scenario and write its report')
  addFlags(command, 'Load:', [fileFlag(), ...loadFlags()])
  addFlags(command, 'Scenario:', scenarioFlags())
  addPlaceGroups(command, [detachFlag()])
  addResultGroup(command, [
    new Option('--keep-store', 'with --local, keep the data of the run, including the scenario and its CSV rows'),
    new Option('--cpu-prof', 'with --local, write a CPU profile of each worker beside the report, for Chrome DevTools'),
    new Option('--samples', 'with --local, write a line of JSON for each request beside the report'),
    new Option('--fail-on-error', 'exit 99 if a request failed or user code threw'),
    new Option(
      '--fail-on-inconclusive',
      'exit 96 if the run is inconclusive: the generator limited the load, the latencies may be inaccurate, or the load differed from the plan',
    ),
  ])
  addFlags(command, 'Monitoring:', metricsFlags())
  addPageGroup(command)
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: Flags) => done(await run(scenario, flags, {})))
}

/**
 * Runs the scenario that the argument or a flag names, or else the only scenario in the folder. Returns when the files of the report are written.
 * With `--detach`, returns when the run has started.
 * @param more the options that only `burst find` has
 * @returns the exit code of the verdict; 0 with `--detach`
 * @throws BurstError when a flag is not valid, or the run could not be planned or carried out
 */
export async function run(argument: string | undefined, flags: Flags, more: Partial<RunOptions>): Promise<number> {
  const { file, tags, excludeTags } = scenarioAndTags(argument, flags)
  const options = { ...runOptions({ ...flags, tags, excludeTags }), ...more }
  const cwd = process.cwd()
  const summary = summaryFormat(flags)
  refuseWithoutPage(flags)
  const common = { options, cwd, out: flags.out, json: flags.json ?? false, summary, quiet: flags.quiet ?? false }
  if (flags.local) {
    refuseWithLocal(flags, ['detach', 'fit', 'take-concurrency', 'budget', ...placeNames])
    const request = { ...common, keepStore: flags.keepStore ?? false, file: await findScenario(file, cwd) }
    return observed(flags, request, async (run) => runHere(run, flags))
  }
  refuseWithoutLocal(flags)
  refuseDetached(flags)
  refuseOutputs(flags)
  return observed(flags, { ...common, file: await findScenario(file, cwd) }, async (run) => runOnStack(flags, run))
}

/**
 * Refuses `--ui-port` and `--ui-host` without `--ui`, because these flags have no effect without a page. Does not refuse `--no-open` without `--ui`,
 * because burst then does what `--no-open` demands: burst does not open a browser.
 * @throws BurstError (104) that names the flag
 */
function refuseWithoutPage({ ui, uiPort, uiHost }: Flags): void {
  if (ui || (uiPort === undefined && uiHost === undefined)) return
  const flag = uiPort === undefined ? '--ui-host' : '--ui-port'
  throw invalidInput(`${flag} needs --ui`, { hint: `add --ui, or remove ${flag}` })
}

/** @throws BurstError (104) if `--out` or `--json` is combined with `--detach`, because the command then ends before the report exists */
function refuseOutputs({ detach, out, json }: Flags): void {
  const flag = out === undefined ? (json ? '--json' : undefined) : '--out'
  if (!detach || flag === undefined) return
  throw invalidInput(`${flag} cannot be combined with --detach`, {
    hint: `start the run with --detach, then use burst watch RUN ${flag === '--out' ? '--out FOLDER' : flag}`,
  })
}

function refuseWithoutLocal({ ui, keepStore, cpuProf, samples }: Flags): void {
  if (ui) throw invalidInput('--ui needs --local', { hint: 'burst ui can show runs on AWS' })
  if (keepStore)
    throw invalidInput('--keep-store needs --local', { hint: 'on AWS, the bucket keeps all data of a run' })
  if (cpuProf) throw invalidInput('--cpu-prof needs --local', { hint: 'a function on AWS writes no profile' })
  if (samples) throw invalidInput('--samples needs --local', { hint: 'a function on AWS writes no samples' })
}

/** The maximum number of worker processes that burst starts before the plan is known. */
const preparedWorkers = 2

/** Runs the scenario on this machine. To save time, starts the first processes of the run while burst bundles the scenario. */
async function runHere(request: RunRequest, flags: Flags): Promise<number> {
  const { workers: asked = availableParallelism(), users = asked, usersPerWorker } = request.options
  const workers = workersFor(users, asked, usersPerWorker)
  const some = Array.from({ length: Math.min(preparedWorkers, workers) }, () => 'worker' as const)
  const prepared = new PreparedProcesses(['coordinator', ...some], { workers, users: Math.ceil(users / workers) })
  try {
    const { runLocally } = await import('../local-runs/starting/run-locally.ts')
    const run = async (given: RunRequest): Promise<number> => runLocally(given, prepared)
    return await (flags.ui ? runWithPage(request, flags, run) : run(request))
  } finally {
    prepared.close()
  }
}

async function runWithPage(
  request: RunRequest,
  flags: Flags,
  run: (request: RunRequest) => Promise<number>,
): Promise<number> {
  const [{ openUiOfRun }, { screenFor }] = await Promise.all([
    import('../ui/open-ui.ts'),
    import('../terminal/display.ts'),
  ])
  const { stream } = screenFor(streamOf(request), request.quiet)
  const ui = await openUiOfRun(uiPlace(flags), request.cwd, (line) => void stream.write(`${line}\n`))
  try {
    return await run({ ...request, ui })
  } finally {
    await ui.close()
  }
}

/** Runs the scenario on AWS. The code for AWS is loaded only when a command needs it. */
async function runOnStack(flags: Flags, request: RunRequest): Promise<number> {
  const [{ choosePlace }, { runOnAws }, { takenConcurrency }] = await Promise.all([
    import('../aws/place.ts'),
    import('../aws/running/run-on-aws.ts'),
    import('../aws/capacity.ts'),
  ])
  const { fit = false, detach = false, yes = false } = flags
  const share = { fit, take: takenConcurrency(flags.takeConcurrency) }
  const budgetUsd = budget(flags.budget)
  return runOnAws(await choosePlace(flags, request.cwd), { ...request, share, budgetUsd, detach, yes })
}

const examples = `
Times are written 300 (seconds), 30s, 5m or 1h30m. Without -u, -r or -t the file determines the load.

Examples:
  burst run --local                                  the only *.burst.ts here, with its load
  burst run shop.burst.ts --local -u 200 -r 20 -t 2m
  burst run shop.burst.ts --local -H https://staging.example.com --fail-on-error
  burst run shop.burst.ts --local --tags checkout --json > report.json
  burst run shop.burst.ts --local --abort-on 'errors < 10% over 30s'
  burst run shop.burst.ts -u 50000 -t 10m            on AWS, through the stack of burst deploy
  burst run shop.burst.ts -u 50000 -t 10m --detach`
