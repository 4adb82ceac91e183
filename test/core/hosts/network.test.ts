import { expect, test } from 'vitest'
import { networkWords, oneProxy, parseResolve, proxiesOfEnvironment } from '../../../core/hosts/network.ts'
import { Proxies } from '../../../functions/worker/engine/http/connection/proxies.ts'

test('proxy variables are read in upper and lower case, and the error for an unsupported proxy does not show the password of the proxy', () => {
  expect(
    proxiesOfEnvironment({ HTTPS_PROXY: 'http://ann:p%40ss@proxy:3128', no_proxy: 'localhost, .internal' }),
  ).toEqual({
    proxies: { https: { host: 'proxy', port: 3128 }, except: ['localhost', '.internal'] },
    userinfo: { https: 'ann:p%40ss' },
  })
  expect(proxiesOfEnvironment({ all_proxy: 'proxy' }).proxies).toEqual({
    http: { host: 'proxy', port: 80 },
    https: { host: 'proxy', port: 80 },
    except: [],
  })
  const hosts = (count: number): string => Array.from({ length: count }, (_, at) => `h${at}`).join(',')
  expect(proxiesOfEnvironment({ all_proxy: 'proxy', no_proxy: hosts(1000) }).proxies.except).toHaveLength(1000)
  expect(() => proxiesOfEnvironment({ all_proxy: 'proxy', no_proxy: hosts(1001) })).toThrow(
    'NO_PROXY has 1,001 entries',
  )
  expect(() => proxiesOfEnvironment({ NO_PROXY: '*' })).toThrow('HTTP_PROXY, HTTPS_PROXY and ALL_PROXY are not set')
  for (const wrong of [
    'socks5://ann:secret@proxy:1080',
    'https://ann:secret@proxy',
    'http://',
    'http://ann:secret@proxy/a',
    'http://ann:secret@proxy:0',
    'http://ann:secret@pro\nxy',
  ]) {
    const told = (() => {
      try {
        return JSON.stringify(oneProxy(wrong, '--proxy'))
      } catch (error) {
        return String(error)
      }
    })()
    expect(told).toMatch(/^BurstError: --proxy (?:begins with|is not|has a path|has port 0)/)
    expect(told).not.toContain('secret')
  }
})

test('an entry of NO_PROXY is a host (which includes its subdomains), an address or a network, and may end with a port', () => {
  const target = (host: string) => {
    const { protocol, hostname, port } = new URL(host)
    return { protocol, hostname, port: Number(port) || 80 }
  }
  const direct = (entry: string, host: string): boolean =>
    new Proxies({ http: { host: 'proxy', port: 1 }, except: [entry] }, {}).for(target(host)) === null
  const excepted = [
    ['*', 'http://a.example'],
    ['example.com', 'http://example.com'],
    ['example.com', 'http://API.example.com:8080'],
    ['.example.com', 'http://api.example.com'],
    ['*.example.com', 'http://api.example.com'],
    ['example.com:8080', 'http://example.com:8080'],
    ['10.0.0.1', 'http://10.0.0.1'],
    ['10.0.0.0/8', 'http://10.9.8.7:81'],
    ['[::1]', 'http://[::1]:81'],
    ['::1', 'http://[::1]'],
    ['2001:db8::1', 'http://[2001:db8::1]:81'],
    ['2001:DB8:0:0::7', 'http://[2001:db8::7]:81'],
    ['[2001:db8::1]:81', 'http://[2001:db8::1]:81'],
    ['fd00::/8', 'http://[fd12::1]'],
    ['[fd00::]/8', 'http://[fd12::1]'],
    ['2001:db8::12/127', 'http://[2001:db8::13]'],
  ] as const
  for (const [entry, host] of excepted) expect([entry, host, direct(entry, host)]).toEqual([entry, host, true])
  const proxied = [
    ['example.com', 'http://notexample.com'],
    ['example.com:8080', 'http://example.com'],
    ['0.0.1', 'http://10.0.0.1'],
    ['10.0.0.0/8', 'http://11.0.0.1'],
    ['10.0.0.0/99', 'http://10.0.0.1'],
    ['', 'http://a.example'],
    ['2001:db8::1', 'http://[2001:db8::2]'],
    ['[2001:db8::1]:81', 'http://[2001:db8::1]'],
    ['2001:db8::', 'http://[2001:db8::1]'],
    ['a:b:1', 'http://a:1'],
  ] as const
  for (const [entry, host] of proxied) expect([entry, host, direct(entry, host)]).toEqual([entry, host, false])
})

test('--resolve has the syntax of curl, and the plan lists every network setting that is not the default', () => {
  const one = parseResolve('Shop.example.com:443:10.0.0.5,[::1]')
  expect(one).toEqual({ host: 'shop.example.com', port: 443, addresses: ['10.0.0.5', '::1'] })
  expect(parseResolve('[::1]:80:127.0.0.1').host).toBe('::1')
  expect(parseResolve('[2001:DB8:0::1]:80:[::0:1]')).toEqual({ host: '2001:db8::1', port: 80, addresses: ['::1'] })
  expect(oneProxy('http://[2001:db8::1]:3128', 'proxy').proxies.http).toEqual({ host: '2001:db8::1', port: 3128 })
  for (const wrong of [
    'shop.example.com:443',
    'shop:443:name',
    'shop:0:1.2.3.4',
    'shop:99999:1.2.3.4',
    ':1:1.2.3.4',
    'a:1:1.2.3.400',
  ]) {
    expect(() => parseResolve(wrong)).toThrow('--resolve is')
  }
  const words = networkWords({
    proxies: { https: { host: '::1', port: 3128 }, except: [] },
    resolve: [one, { host: '::1', port: 80, addresses: ['10.0.0.5'] }],
    localAddress: '10.0.0.9',
    addressFamily: 'ipv6-first',
    dnsMs: 5_000,
  })
  expect(words).toEqual([
    'through the proxy [::1]:3128, for https://',
    'shop.example.com:443 is at 10.0.0.5, ::1',
    '[::1]:80 is at 10.0.0.5',
    'connections are opened from 10.0.0.9',
    'IPv6 addresses are tried first',
    'host names are looked up again after 5 s',
  ])
})
