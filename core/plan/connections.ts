import type { ScenarioDescription } from '../authoring/description.ts'
import type { RunOptions } from './options.ts'
import type { RunPlan } from './plan.ts'

/** How users connect to the target. */
export function plannedConnections(
  description: ScenarioDescription,
  options: RunOptions,
): Pick<RunPlan, 'connections' | 'insecure'> {
  return {
    connections: description.connections,
    ...((options.insecure || description.insecure) && { insecure: true }),
  }
}
