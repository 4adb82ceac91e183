import type { ScenarioDescription } from '../authoring/description.ts'
import { invalidInput } from '../errors.ts'
import type { Locate } from './locate.ts'
import type { Network, WishedProxies } from '../network.ts'
import type { RunOptions } from './options.ts'
import type { RunPlan } from './plan.ts'

interface Input {
  description: ScenarioDescription
  options: RunOptions
  backend: RunPlan['backend']
  locate: Locate
}

/** The options about connections to the target. */
export function plannedConnections(
  input: Input,
): Pick<RunPlan, 'connections' | 'insecure' | 'network' | 'proxyUserinfo'> {
  const { description, options } = input
  return {
    connections: description.connections,
    ...((options.insecure || description.insecure) && { insecure: true }),
    ...plannedNetwork(input),
  }
}

function plannedNetwork(input: Input): Pick<RunPlan, 'network' | 'proxyUserinfo'> {
  const { description, options } = input
  checkLocalAddress(input)
  const wished = options.proxy === undefined ? description.proxy : options.proxy
  const network: Network = {
    ...description.network,
    ...(wished && { proxies: wished.proxies }),
    ...(options.resolve && { resolve: options.resolve }),
  }
  return { ...(Object.keys(network).length > 0 && { network }), ...secretsOf(wished) }
}

function secretsOf(wished: WishedProxies | null | undefined): Pick<RunPlan, 'proxyUserinfo'> {
  const userinfo = wished?.userinfo ?? {}
  return Object.keys(userinfo).length === 0 ? {} : { proxyUserinfo: userinfo }
}

function checkLocalAddress({ description: { network }, backend, locate }: Input): void {
  if (backend !== 'aws' || network?.localAddress === undefined) return
  const at = locate(network.localAddress, 'localAddress')
  throw invalidInput(`localAddress is ${network.localAddress}, and workers on AWS have addresses of their own`, {
    hint: 'remove it, or run with --local',
    ...(at !== undefined && { at }),
  })
}
