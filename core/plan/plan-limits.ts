import * as v from 'valibot'
import { invalidInput } from '../errors.ts'
import { grouped } from '../words.ts'
import type { RunPlan } from './plan.ts'
import { planSchema } from './plan-schema.ts'

/**
 * Checks that no text and no list of a plan is longer than the schema of the plan allows. Returns the plan unchanged.
 * @throws BurstError (104) that names the first text or list that is too long
 */
export function withinLimits(plan: RunPlan): RunPlan {
  const { issues } = v.safeParse(planSchema, plan)
  const issue = issues?.find(({ type }) => type === 'max_length')
  if (!issue) return plan
  const { input, requirement } = issue as { input: unknown; requirement: unknown }
  const { length } = input as string | readonly unknown[]
  const path = v.getDotPath(issue)
  const what = path === 'name' ? 'the name of the run' : `'${path ?? ''}' in the plan`
  throw invalidInput(`${what} has ${grouped(length)} ${typeof input === 'string' ? 'characters' : 'entries'}`, {
    hint: `give at most ${grouped(Number(requirement))}`,
  })
}
