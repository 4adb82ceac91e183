import type { ScenarioDescription } from '../authoring/description.ts'
import { invalidInput } from '../errors.ts'
import type { Locate } from './locate.ts'
import type { Network, WishedProxies } from '../hosts/network.ts'
import type { RunOptions } from './options.ts'
import type { RunPlan } from './plan.ts'

interface Input {
  description: ScenarioDescription
  options: RunOptions
  backend: RunPlan['backend']
  locate: Locate
}

/** Returns the options about connections to the target. */
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
  checkAddressFamily(input)
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

/**
 * Refuses `addressFamily: 'ipv6'` on AWS. A Lambda function can use IPv6 only in a VPC, and the VPC configuration that burst deploys does not enable
 * IPv6.
 */
function checkAddressFamily({ description: { network }, backend, locate }: Input): void {
  if (backend !== 'aws' || network?.addressFamily !== 'ipv6') return
  const at = locate('ipv6', 'addressFamily')
  throw invalidInput('addressFamily is ipv6, but workers on AWS have no IPv6', {
    hint: "use 'ipv6-first', or remove addressFamily, or run with --local",
    ...(at !== undefined && { at }),
  })
}

function checkLocalAddress({ description: { network }, backend, locate }: Input): void {
  if (backend !== 'aws' || network?.localAddress === undefined) return
  const at = locate(network.localAddress, 'localAddress')
  throw invalidInput(`localAddress is ${network.localAddress}, but workers on AWS have their own addresses`, {
    hint: 'remove localAddress, or run with --local',
    ...(at !== undefined && { at }),
  })
}
