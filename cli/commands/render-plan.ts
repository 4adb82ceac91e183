import type { RunOptions } from '../../core/plan/options.ts'
import type { Place } from '../aws/place.ts'
import type { Asked, Prepared } from '../aws/running/prepare.ts'
import { buildIdentity } from '../../build/identity.ts'
import { bundleScenario, bundleOptions } from '../bundle/bundle.ts'
import { newPlan } from '../run/new-plan.ts'
import { styleFor } from '../terminal/style.ts'
import { renderPlan } from '../terminal/run-lines.ts'
import { dollars } from '../../core/words.ts'

interface PlanRequest {
  file: string
  options: RunOptions
  cwd: string
}

/**
 * Describes a run on this machine without starting it.
 * @throws BurstError (104) when the scenario or an option is not valid, (107) when the scenario throws
 */
export async function renderLocalPlan({ file, options, cwd }: PlanRequest): Promise<string> {
  const bundle = await bundleScenario(file, { cwd, ...bundleOptions(options) })
  const plan = newPlan(options, bundle, { backend: 'local', region: 'local', build: await buildIdentity() })
  return renderPlan(plan, bundle.warnings, styleFor(process.stdout))
}

/**
 * Describes a run on AWS and its cost without starting the run. Like `burst run`, checks the target, the concurrency and the budget. Does not check
 * whether the stack has the same build as this burst, or whether the runs of the stack are halted.
 * @throws BurstError (104) when the stack does not exist, the scenario or an option is not valid, the stack is not allowed to load-test the target,
 * or the budget is too small; (97) when the account lacks the concurrency or AWS fails; (107) when the scenario throws
 */
export async function renderAwsPlan(
  place: Place,
  { file, cwd, ...request }: PlanRequest & Omit<Asked, 'bundle'>,
): Promise<string> {
  const [{ openCloud }, { onAws }, { prepareRun }] = await Promise.all([
    import('../aws/cloud.ts'),
    import('../aws/place.ts'),
    import('../aws/running/prepare.ts'),
  ])
  const cloud = await openCloud(place)
  const bundle = await bundleScenario(file, { cwd, ...bundleOptions(request.options) })
  const prepared = await onAws(place, async () => prepareRun(cloud, { ...request, bundle }))
  const notes = [...bundle.warnings, ...prepared.notes]
  return [renderPlan(prepared.plan, notes, styleFor(process.stdout)), ...(await priceLines(prepared))].join('\n')
}

async function priceLines(prepared: Prepared): Promise<string[]> {
  const { quoteWords } = await import('../aws/running/run-on-aws.ts')
  const lines = prepared.quote.lines.map(({ what, usd }) => `    ${dollars(usd)}  ${what}`)
  return [`  ${quoteWords(prepared)}`, ...lines]
}
