import { invalidInput } from '../../errors.ts'
import { type Network, dnsMsOf, isAddress, oneProxy } from '../../hosts/network.ts'
import { inWords, isRecord, refuseUnknown } from '../../values-in-words.ts'
import type { Scenario } from '../definition.ts'
import type { ScenarioDescription } from '../description.ts'

const families = ['ipv4', 'ipv6', 'ipv4-first', 'ipv6-first'] as const

/**
 * Checks the network options of a scenario and returns their description.
 * @throws BurstError (104) for the first mistake
 */
export function describeNetwork(scenario: Scenario): Pick<ScenarioDescription, 'network' | 'proxy'> {
  const { localAddress, addressFamily, dns, proxy } = scenario
  const network: Network = {
    ...(localAddress !== undefined && { localAddress: checkedAddress(localAddress) }),
    ...(addressFamily !== undefined && { addressFamily: checkedFamily(addressFamily) }),
    ...(dns !== undefined && { dnsMs: dnsMsOf(dns) }),
  }
  return {
    ...(Object.keys(network).length > 0 && { network }),
    ...(proxy !== undefined && { proxy: checkedProxy(proxy) }),
  }
}

function checkedProxy(given: unknown): NonNullable<ScenarioDescription['proxy']> {
  const what = "'proxy' of scenario()"
  if (typeof given === 'string') return oneProxy(given, what)
  const hint = "write proxy: 'http://proxy.example.com:3128', or { url, except: ['internal.example.com'] }"
  if (!isRecord(given)) throw invalidInput(`${what} is ${inWords(given)}`, { hint })
  refuseUnknown(given, ['url', 'except'], what)
  const { url, except = [] } = given
  const isList = Array.isArray(except) && except.every((one) => typeof one === 'string')
  if (typeof url !== 'string') throw invalidInput(`${what} has no 'url'`, { hint })
  if (!isList) throw invalidInput(`'except' in ${what} is not a list of hosts`, { hint })
  return oneProxy(url, what, except)
}

function checkedAddress(given: unknown): string {
  if (typeof given === 'string' && isAddress(given)) return given
  throw invalidInput(`'localAddress' of scenario() is ${inWords(given)}`, {
    hint: "write an IP address of this machine: localAddress: '10.0.0.5'",
  })
}

function checkedFamily(given: unknown): (typeof families)[number] {
  const family = families.find((one) => one === given)
  if (family !== undefined) return family
  throw invalidInput(`'addressFamily' of scenario() is ${inWords(given)}`, {
    hint: `write one of ${families.map((one) => `'${one}'`).join(', ')}`,
  })
}
