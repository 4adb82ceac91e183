import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Network } from '../../../../../../core/hosts/network.ts'
import { Targets } from '../../../../../../functions/guard/targets.ts'
import type { Hosts } from '../../../../../../functions/worker/engine/http/connection/hosts.ts'

const systemLookup = dns.lookup
/** The number of lookups that the replaced DNS has answered. */
let answers = 0
/** The addresses in the answers. */
let listed: string[] = []
let makeHosts: (network: Network) => Hosts

beforeEach(async () => {
  answers = 0
  listed = ['198.51.100.1', '2001:db8::1', '198.51.100.2', '2001:db8::2']
  const lookup = (_host: string, _options: object, found: (error: null, all: LookupAddress[]) => void): void => {
    answers++
    setImmediate(
      found,
      null,
      listed.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  // The DNS of this machine may not know any host that has addresses of both families, so the test replaces the lookup.
  dns.lookup = lookup as unknown as typeof dns.lookup
  syncBuiltinESMExports()
  const { Hosts } = await import('../../../../../../functions/worker/engine/http/connection/hosts.ts')
  makeHosts = (network) => new Hosts(new Targets(['shop.example']), network)
})
afterEach(() => {
  dns.lookup = systemLookup
  syncBuiltinESMExports()
})

interface Found {
  addresses: string
  looked: boolean
}

function find(hosts: Hosts): Promise<Found> {
  return new Promise((resolve, reject) => {
    hosts.find({ hostname: 'shop.example', port: 443 }, (error, all, looked) => {
      if (error) reject(error)
      else
        resolve({
          addresses: all
            .map(({ address }) => address.replace(/^.*[.:]/, (start) => (start.includes(':') ? '6-' : '4-')))
            .join(' '),
          looked,
        })
    })
  })
}

test('addresses of the preferred family come first and rotate, and addresses of the other family come last or are omitted', async () => {
  const orders = async (network: Network): Promise<string[]> => {
    const hosts = makeHosts(network)
    return [(await find(hosts)).addresses, (await find(hosts)).addresses, (await find(hosts)).addresses]
  }
  expect(await orders({})).toEqual(['4-1 6-1 4-2 6-2', '6-1 4-2 6-2 4-1', '4-2 6-2 4-1 6-1'])
  expect(await orders({ addressFamily: 'ipv4-first' })).toEqual([
    '4-1 4-2 6-1 6-2',
    '4-2 4-1 6-1 6-2',
    '4-2 4-1 6-2 6-1',
  ])
  expect(await orders({ addressFamily: 'ipv6-first' })).toEqual([
    '6-1 6-2 4-1 4-2',
    '6-1 6-2 4-2 4-1',
    '6-2 6-1 4-2 4-1',
  ])
  expect(await orders({ addressFamily: 'ipv6' })).toEqual(['6-1 6-2', '6-2 6-1', '6-1 6-2'])
})

test('addresses of both families alternate, so a network without one of the families delays a connection only once', async () => {
  listed = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '198.51.100.1', '198.51.100.2']
  const hosts = makeHosts({})
  const orders: string[] = []
  for (let k = 0; k < listed.length; k++) orders.push((await find(hosts)).addresses)
  expect(orders).toEqual([
    '6-1 4-1 6-2 4-2 6-3',
    '6-2 4-1 6-3 4-2 6-1',
    '6-3 4-1 6-1 4-2 6-2',
    '4-1 6-1 4-2 6-2 6-3',
    '4-2 6-1 4-1 6-2 6-3',
  ])
})

test('a host is looked up for every connection if `dnsMs` is 0, and once in the run if `dnsMs` is null; any other `dnsMs` is the time until the next lookup', async () => {
  const [once, forATime, each] = [makeHosts({ dnsMs: null }), makeHosts({ dnsMs: 200 }), makeHosts({ dnsMs: 0 })]
  const first = await Promise.all([find(once), find(forATime), find(each)])
  const second = await Promise.all([find(once), find(forATime), find(each)])
  expect(first.map(({ looked }) => looked)).toEqual([true, true, true])
  expect(second.map(({ looked }) => looked)).toEqual([false, false, true])
  expect(answers).toBe(4)
  while (!(await find(forATime)).looked) await sleep(10)
  expect(answers).toBe(5)
  expect((await find(once)).looked).toBe(false)
  expect(answers).toBe(5)
})
