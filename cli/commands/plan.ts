import { type Command, Option } from 'commander'
import type { PlaceFlags } from '../aws/place.ts'
import { type RunFlags, budget, runOptions } from '../flags/run-options.ts'
import { connectionFlags } from '../flags/connection-flags.ts'
import { findScenario, scenarioAndTags } from '../flags/scenario-argument.ts'
import { addDebugFlag, addFlags, awsFlags, loadFlags, scenarioFlags, workerFlags } from '../flags/flags.ts'
import { placeFlags } from '../flags/place-flags.ts'
import { refuseWithLocal } from '../flags/local-flag.ts'
import type { AwsFlags } from './run.ts'

type Flags = RunFlags & PlaceFlags & AwsFlags

/** `burst plan`: shows what `burst run` with the same flags would do and cost. */
export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .description('show what a run would do and cost, without starting it')
    .argument('[scenario]', 'the file; default: the only *.burst.ts of the folder')
  addFlags(command, 'Load:', [new Option('-f, --file <file>', 'the scenario, like the argument'), ...loadFlags()])
  addFlags(command, 'Scenario:', scenarioFlags())
  addFlags(command, 'Connections:', connectionFlags())
  addFlags(command, 'Where:', [
    new Option('--local', 'on this machine, without AWS'),
    ...workerFlags(),
    ...placeFlags(),
  ])
  addFlags(command, 'On AWS:', awsFlags())
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (scenario: string | undefined, flags: Flags) => {
    process.stdout.write(`${await plan(scenario, flags)}\n`)
  })
}

async function plan(argument: string | undefined, flags: Flags): Promise<string> {
  const { file, tags, excludeTags } = scenarioAndTags(argument, flags)
  const options = runOptions({ ...flags, tags, excludeTags })
  const cwd = process.cwd()
  if (flags.local) refuseWithLocal(flags, ['fit', 'take-concurrency', 'budget', 'endpoint', 'localstack'])
  const budgetUsd = budget(flags.budget)
  const { renderAwsPlan, renderLocalPlan } = await import('./render-plan.ts')
  const request = { options, cwd, file: await findScenario(file, cwd) }
  if (flags.local) return renderLocalPlan(request)
  const [{ choosePlace }, { takenConcurrency }] = await Promise.all([
    import('../aws/place.ts'),
    import('../aws/capacity.ts'),
  ])
  const share = { fit: flags.fit ?? false, take: takenConcurrency(flags.takeConcurrency) }
  return renderAwsPlan(await choosePlace(flags, cwd), { ...request, share, budgetUsd })
}

const examples = `
Examples:
  burst plan --local                             the only *.burst.ts here, on this machine
  burst plan shop.burst.ts -u 50000 -t 10m       through the stack of burst deploy, with its price
  burst plan shop.burst.ts -u 50000 -t 10m --budget 2`
