import type { Command } from 'commander'
import type { PlaceFlags } from '../aws/place.ts'
import { type RunFlags, budget, runOptions } from '../flags/run-options.ts'
import { findScenario, scenarioAndTags } from '../flags/scenario-argument.ts'
import { type AwsFlags, addDebugFlag, addFlags, loadFlags, scenarioFlags } from '../flags/flags.ts'
import { addPlaceGroups, fileFlag, scenarioCommand } from '../flags/flag-groups.ts'
import { placeNames, refuseWithLocal } from '../flags/local-flag.ts'

type Flags = RunFlags & PlaceFlags & AwsFlags

/** `burst plan`: shows what `burst run` with the same flags would do and cost. */
export function addPlan(program: Command): void {
  const command = scenarioCommand(program, 'plan', 'show what a run would do and cost, without starting it')
  addFlags(command, 'Load:', [fileFlag(), ...loadFlags()])
  addFlags(command, 'Scenario:', scenarioFlags())
  addPlaceGroups(command)
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
  if (flags.local) refuseWithLocal(flags, ['fit', 'take-concurrency', 'budget', ...placeNames])
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
