import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { RunOptions } from '../../core/plan/options.ts'
import { scenarioNameOf, newRunId, planRun } from '../../core/plan/plan-run.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { ScenarioBundle } from '../bundle/bundle.ts'

/** The backend of a run, and the build of the code that it runs. */
export interface Origin {
  backend: RunPlan['backend']
  region: string
  build: string
}

/** Makes the plan of a new run. */
export function newPlan(options: RunOptions, bundle: ScenarioBundle, origin: Origin): RunPlan {
  const typed = (options.abortOn ?? []).map(({ expression }) => expression)
  bundle.checkNames([...typed, ...(options.find?.until ?? [])])
  const createdAt = Date.now()
  const name = options.name ?? bundle.description.name ?? scenarioNameOf(bundle.scenario)
  return planRun({
    description: bundle.description,
    options: { ...options, env: bundle.env },
    facts: {
      run: newRunId(createdAt, name, randomBytes(2).toString('hex')),
      scenario: bundle.scenario,
      bundle: bundle.hash,
      createdAt,
      seed: options.seed ?? randomBytes(4).toString('hex'),
      cores: availableParallelism(),
      ...origin,
    },
    locate: (text, after) => bundle.locate(text, after),
  })
}
