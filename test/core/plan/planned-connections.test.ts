import { expect, test } from 'vitest'
import type { ScenarioDescription } from '../../../core/authoring/description.ts'
import { oneProxy } from '../../../core/hosts/network.ts'
import { plannedConnections } from '../../../core/plan/planned-connections.ts'

type Input = Parameters<typeof plannedConnections>[0]

function planned(
  description: Partial<ScenarioDescription>,
  options: Partial<Input['options']> = {},
  backend: Input['backend'] = 'local',
): ReturnType<typeof plannedConnections> {
  return plannedConnections({
    description: { connections: 'per-user', ...description } as ScenarioDescription,
    options: options as Input['options'],
    backend,
    locate: (text) => (text === '10.0.0.5' || text === 'ipv6' ? 'some.burst.ts:3:5' : undefined),
  })
}

test('a proxy on the command line replaces the proxy of the file, and `none` removes it', () => {
  const ofFile = oneProxy('http://ann:secret@file:1', 'proxy')
  const ofFlag = oneProxy('http://flag:2', '--proxy')
  expect(planned({})).toEqual({ connections: 'per-user' })
  expect(planned({ proxy: ofFile })).toEqual({
    connections: 'per-user',
    network: { proxies: ofFile.proxies },
    proxyUserinfo: ofFile.userinfo,
  })
  expect(planned({ proxy: ofFile }, { proxy: ofFlag })).toEqual({
    connections: 'per-user',
    network: { proxies: ofFlag.proxies },
  })
  expect(planned({ proxy: ofFile }, { proxy: null })).toEqual({ connections: 'per-user' })
})

test('the plan contains the addresses given for hosts, and says that certificates are not verified', () => {
  const resolve = [{ host: 'shop.example.com', port: 443, addresses: ['127.0.0.1'] }]
  expect(planned({ network: { dnsMs: 0 } }, { resolve, insecure: true })).toEqual({
    connections: 'per-user',
    insecure: true,
    network: { dnsMs: 0, resolve },
  })
  expect(planned({ insecure: true }).insecure).toBe(true)
})

test('addressFamily ipv6 is refused on AWS, where workers have no IPv6', () => {
  const error = {
    exitCode: 104,
    message: 'addressFamily is ipv6, but workers on AWS have no IPv6',
    at: 'some.burst.ts:3:5',
  }
  const network = { addressFamily: 'ipv6' } as const
  expect(() => planned({ network }, {}, 'aws')).toThrow(expect.objectContaining(error) as Error)
  expect(planned({ network }).network).toEqual(network)
  expect(planned({ network: { addressFamily: 'ipv6-first' } }, {}, 'aws').network).toEqual({
    addressFamily: 'ipv6-first',
  })
})

test('localAddress is refused on AWS, and the error names the line of localAddress if the line is known', () => {
  const message = 'localAddress is 10.0.0.5, but workers on AWS have their own addresses'
  const error = { exitCode: 104, message, at: 'some.burst.ts:3:5' }
  expect(() => planned({ network: { localAddress: '10.0.0.5' } }, {}, 'aws')).toThrow(
    expect.objectContaining(error) as Error,
  )
  expect(() => planned({ network: { localAddress: '10.0.0.6' } }, {}, 'aws')).toThrow('localAddress is 10.0.0.6')
  expect(planned({ network: { localAddress: '10.0.0.5' } }).network).toEqual({ localAddress: '10.0.0.5' })
})
