import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { Locate } from '../../core/plan/locate.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { scenarioNameOf, newRunId, planRun } from '../../core/plan/plan-run.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { masker } from '../../core/secrets.ts'
import type { ScenarioBundle } from '../bundle/bundle.ts'

/** The backend of a run, its region (`local` on this machine), and the build of the code that the backend runs. */
export interface Origin {
  backend: RunPlan['backend']
  region: string
  build: string
}

/**
 * Makes the plan of a new run. The run gets a new id. Without `--seed`, the run also gets a new seed.
 * @throws BurstError (104) when an option does not fit the scenario, for example a threshold about a request that the scenario does not have
 */
export function newPlan(options: RunOptions, bundle: ScenarioBundle, origin: Origin): RunPlan {
  const typed = (options.abortOn ?? []).map(({ expression }) => expression)
  bundle.checkNames([...typed, ...(options.find?.until ?? [])])
  const createdAt = Date.now()
  const { description, options: shown, locate } = withoutSecrets(bundle, options)
  const name = shown.name ?? description.name ?? scenarioNameOf(bundle.scenario)
  return planRun({
    description,
    options: { ...shown, env: bundle.env },
    facts: {
      run: newRunId(createdAt, name, randomBytes(2).toString('hex')),
      scenario: bundle.scenario,
      bundle: bundle.hash,
      createdAt,
      seed: options.seed ?? randomBytes(4).toString('hex'),
      cores: availableParallelism(),
      ...origin,
    },
    locate,
  })
}

/** The strings that the plan and the report show. The description and the options both have these fields. */
interface Shown {
  name?: string | null
  thresholds?: string[]
  abortOn?: { expression: string; overMs: number }[]
  find?: { until?: string[] } | undefined
}

/** Masks secrets in the name of the run and in thresholds. */
function withoutSecrets(
  { description, env, locate }: ScenarioBundle,
  options: RunOptions,
): Pick<ScenarioBundle, 'description'> & { options: RunOptions; locate: Locate } {
  const inNames = masker({ vars: options.vars, env })
  const written = new Map<string, string>()
  // Workers mask secrets in the names of requests. burst masks the name in a threshold in the same way, so that the threshold matches the request.
  // Workers do not mask tags, so burst does not mask the tag in a threshold. The rest of a threshold contains no secrets.
  const inThreshold = (text: string): string => {
    const end = /^(?:intent:\s*)?tag:/.test(text.trim()) ? 0 : text.lastIndexOf(':') + 1
    const shown = inNames(text.slice(0, end)) + text.slice(end)
    written.set(shown, text)
    return shown
  }
  // The name of a run may be the value of a variable in an environment file. In the name, burst therefore masks the values of variables whose names
  // suggest secrets, but does not mask the other values in the file.
  const masks = { inThreshold, inTitle: masker({ vars: { ...env, ...options.vars } }) }
  return {
    description: maskedTexts(description, masks),
    options: maskedTexts(options, masks),
    locate: (text, after) => locate(written.get(text) ?? text, after),
  }
}

type Mask = (text: string) => string

/** Returns a copy in which the secrets in the name and in the thresholds are masked. */
function maskedTexts<T extends Shown>(given: T, { inTitle, inThreshold }: { inTitle: Mask; inThreshold: Mask }): T {
  const { name, thresholds, abortOn, find } = given
  return {
    ...given,
    ...(typeof name === 'string' && { name: inTitle(name) }),
    ...(thresholds && { thresholds: thresholds.map(inThreshold) }),
    ...(abortOn && { abortOn: abortOn.map((rule) => ({ ...rule, expression: inThreshold(rule.expression) })) }),
    ...(find?.until && { find: { ...find, until: find.until.map(inThreshold) } }),
  }
}
