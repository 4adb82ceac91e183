import { expect, test } from 'vitest'
import { describeNetwork } from '../../../../core/authoring/describing/network-checks.ts'
import type { Scenario } from '../../../../core/authoring/definition.ts'

const described = (given: object): ReturnType<typeof describeNetwork> => describeNetwork(given as Scenario)

test('the description contains only the network options that the scenario sets', () => {
  expect(described({})).toEqual({})
  expect(described({ localAddress: '10.0.0.5', addressFamily: 'ipv6-first', dns: '30s' })).toEqual({
    network: { localAddress: '10.0.0.5', addressFamily: 'ipv6-first', dnsMs: 30_000 },
  })
  expect(described({ dns: 'once' }).network).toEqual({ dnsMs: null })
  expect(described({ dns: 'per-connection' }).network).toEqual({ dnsMs: 0 })
})

test('the option `proxy` accepts a URL with or without exceptions, and the password in the URL is stored separately', () => {
  const both = { http: { host: 'proxy', port: 3128 }, https: { host: 'proxy', port: 3128 } }
  expect(described({ proxy: 'http://proxy:3128' }).proxy?.proxies).toEqual({ ...both, except: [] })
  const excepted = described({ proxy: { url: 'http://ann:secret@proxy:3128', except: ['internal'] } }).proxy
  expect(excepted?.proxies).toEqual({ ...both, except: ['internal'] })
  expect(Object.values(excepted?.userinfo ?? {})).toContain('ann:secret')
  expect(described({ proxy: { url: 'http://proxy:3128' } }).proxy?.proxies.except).toEqual([])
})

test.each([
  [{ localAddress: 'eth0' }, `'localAddress' of scenario() is "eth0"`],
  [{ localAddress: 7 }, "'localAddress' of scenario() is 7"],
  [{ addressFamily: 6 }, "'addressFamily' of scenario() is 6"],
  [{ dns: 'never' }, "'dns' of scenario()"],
  [{ proxy: 3128 }, "'proxy' of scenario() is 3128"],
  [{ proxy: { except: [] } }, "'proxy' of scenario() has no 'url'"],
  [{ proxy: { url: 'http://proxy', except: 'internal' } }, "'except' in 'proxy' of scenario() is not a list of hosts"],
  [{ proxy: { url: 'http://proxy', except: [7] } }, "'except' in 'proxy' of scenario() is not a list of hosts"],
  [{ proxy: { url: 'http://proxy', exclude: [] } }, 'exclude'],
])('%j is refused, and the message names the mistake', (given, message) => {
  expect(() => described(given)).toThrow(
    expect.objectContaining({ exitCode: 104, message: expect.stringContaining(message) as string }) as Error,
  )
})
