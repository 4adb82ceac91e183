import { BurstError } from '../core/errors.ts'
import type { RunPlan } from '../core/plan/plan.ts'
import { type Variables, decodePlan, decodeVariables } from '../core/plan/plan-schema.ts'
import { mask, secretName } from '../core/secrets.ts'
import { keys } from './keys.ts'
import type { Store } from './ports.ts'

/**
 * Writes a run's plan. In the plan, `***` replaces each secret. If there are secrets, also writes a separate file with all variables and secrets,
 * which is deleted when the run is over. The secrets are the variables of an environment file, `--var` values whose names suggest secrets, and the
 * user and password of the host and of proxies.
 * @throws BurstError (97) when the stages could not read the plan
 */
export async function putPlan(store: Store, plan: RunPlan): Promise<void> {
  const shown = {
    ...plan,
    vars: Object.fromEntries(
      Object.entries(plan.vars).map(([name, value]) => [name, secretName.test(name) ? mask : value]),
    ),
    env: masked(plan.env ?? {}),
    ...(plan.hostUserinfo !== undefined && { hostUserinfo: mask }),
    ...(plan.proxyUserinfo && { proxyUserinfo: masked(plan.proxyUserinfo) }),
  }
  const { vars, env = {}, hostUserinfo, proxyUserinfo } = plan
  const variables: Variables = {
    vars,
    env,
    ...(hostUserinfo !== undefined && { hostUserinfo }),
    ...(proxyUserinfo && { proxyUserinfo }),
  }
  const [shownText, variablesText] = [JSON.stringify(shown), JSON.stringify(variables)]
  // Decodes both JSON strings to check them. If the stages could not read the plan, decoding fails here, before any stage starts.
  decodePlan(shownText)
  decodeVariables(variablesText)
  if (hides(shown)) await store.put(keys.variables(plan.run), variablesText)
  await store.put(keys.plan(plan.run), shownText)
}

/**
 * Adds the variables to a plan that was read from the store.
 * @throws BurstError (97) when the variables are missing or cannot be read
 */
export async function withVariables(store: Store, plan: RunPlan): Promise<RunPlan & Required<Pick<RunPlan, 'env'>>> {
  if (!hides(plan)) return { ...plan, env: plan.env ?? {} }
  const stored = await store.get(keys.variables(plan.run))
  if (!stored) throw new BurstError('runFailed', `the variables of run ${plan.run} are not in the store`)
  return { ...plan, env: {}, ...decodeVariables(stored.body) }
}

function masked(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, mask]))
}

function hides({ vars, env = {}, hostUserinfo, proxyUserinfo = {} }: RunPlan): boolean {
  return [vars, env, proxyUserinfo]
    .flatMap((one) => Object.values(one))
    .concat(hostUserinfo ?? '')
    .includes(mask)
}
