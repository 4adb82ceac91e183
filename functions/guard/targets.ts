import { BlockList, isIP } from 'node:net'
import { addressesIn } from './embedded-addresses.ts'
import { isAllowedHost } from '../../core/hosts/allowed-hosts.ts'
import { bareHost } from '../../core/hosts/host-literal.ts'

/** The error code of a connection that burst refuses without an attempt to connect. */
export const refusedCode = 'BURST_REFUSED'

/**
 * Link-local addresses, and the IPv6 addresses at which AWS offers services to a single machine (`fd00:ec2::/32`). Services at some of these
 * addresses return the credentials or settings of the machine. burst never allows these addresses as targets.
 */
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addSubnet('fd00:ec2::', 32, 'ipv6')

/** Addresses of this machine itself. In a cloud function, the runtime of the function answers at these addresses. */
const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addSubnet('0.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addAddress('::', 'ipv6')

/** The hosts and addresses to which a worker or a hook may connect. */
export class Targets {
  readonly #allow: readonly string[] | null
  readonly #loopback: boolean

  /**
   * Creates the list of targets.
   * @param allow hosts, for example `*.example.com`; null: any host, including this machine, but not the addresses in `linkLocal`
   */
  constructor(allow: readonly string[] | null) {
    this.#allow = allow
    this.#loopback = allow === null || allow.some((entry) => entry === 'localhost' || isIn(loopback, bareHost(entry)))
  }

  /**
   * Returns an error if the worker is not allowed to send load to a host, otherwise undefined. Checks the name of the host, but not the addresses to
   * which the name resolves.
   */
  refusal(hostname: string): Error | undefined {
    const host = bareHost(hostname)
    if (this.#allow && !isAllowedHost(this.#allow, host)) {
      return refused(`${host} is not among the hosts that this stack may load-test`)
    }
    return this.refusalOf(host, [host])
  }

  /** Returns an error if a host resolves to at least one address to which the worker must not send load, otherwise undefined. */
  refusalOf(hostname: string, addresses: readonly string[]): Error | undefined {
    if (addresses.some((address) => isIn(linkLocal, address))) {
      return refused(`${bareHost(hostname)} is a link-local or metadata address, which burst never load-tests`)
    }
    if (!this.#loopback && addresses.some((address) => isIn(loopback, address))) {
      return refused(`${bareHost(hostname)} is the worker itself`)
    }
    return undefined
  }
}

/** Returns whether a list contains an address or any IPv4 address that is embedded in it. */
function isIn(list: BlockList, address: string): boolean {
  return addressesIn(address).some((one) => list.check(one, isIP(one) === 4 ? 'ipv4' : 'ipv6'))
}

export function refused(message: string): Error {
  return Object.assign(new Error(message), { code: refusedCode })
}
