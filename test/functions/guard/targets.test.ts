import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ConnectionMaker } from '../../../functions/worker/engine/http/connection/connector.ts'
import { Targets } from '../../../functions/guard/targets.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { startRudeTarget } from '../../targets/raw/rude-targets.ts'
import { runSlice } from '../worker/slice-run.ts'

const metadata = ['169.254.169.254', '169.254.170.2', '[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]']
const itself = ['127.0.0.1', '127.8.8.8', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]']

describe('targets', () => {
  test.for(metadata)('%s is never allowed as a target, even if the stack allows it', (host) => {
    expect(new Targets(null).refusal(host)?.message).toContain('burst never load-tests')
    expect(new Targets([host]).refusal(host)?.message).toContain('burst never load-tests')
  })

  test.for(itself)('%s is allowed on this machine, but in a cloud function only if the stack allows it', (host) => {
    expect(new Targets(null).refusal(host)).toBeUndefined()
    expect(new Targets([host]).refusal(host)).toBeUndefined()
    expect(new Targets(['shop.example.com']).refusal(host)?.message).toContain('not among the hosts')
    expect(new Targets(['shop.example.com']).refusalOf('shop.example.com', [host.replace(/[[\]]/g, '')])).toBeDefined()
  })

  test('a host name is refused if one of its addresses is refused', () => {
    const targets = new Targets(['*.example.com'])
    expect(targets.refusal('shop.example.com')).toBeUndefined()
    expect(targets.refusalOf('shop.example.com', ['93.184.216.34', '10.0.0.1'])).toBeUndefined()
    expect(targets.refusalOf('shop.example.com', ['93.184.216.34', '169.254.169.254'])).toBeDefined()
  })
})

/** All forms in which an IPv6 address may contain an IPv4 address such as 169.254.169.254 or 127.0.0.1. */
const holders: Record<string, (high: string, low: string) => string> = {
  mapped: (high, low) => `::ffff:${high}:${low}`,
  compatible: (high, low) => `::${high}:${low}`,
  'IPv4-translated': (high, low) => `::ffff:0:${high}:${low}`,
  'NAT64 of the well-known prefix': (high, low) => `64:ff9b::${high}:${low}`,
  'NAT64 for local use, /96': (high, low) => `64:ff9b:1:7::${high}:${low}`,
  'NAT64 for local use, /48': (high, low) => `64:ff9b:1:${high}:${low.slice(0, 2)}:${low.slice(2)}00::`,
  'NAT64 for local use, /56': (high, low) => `64:ff9b:1:${high.slice(0, 2)}:${high.slice(2)}:${low}::`,
  'NAT64 for local use, /64': (high, low) =>
    `64:ff9b:1:7:${high.slice(0, 2)}:${high.slice(2)}${low.slice(0, 2)}:${low.slice(2)}00:0`,
  '6to4': (high, low) => `2002:${high}:${low}::1`,
  "Teredo's server": (high, low) => `2001:0:${high}:${low}::1`,
  "Teredo's client": (high, low) => `2001:0:1:2:3:4:${inverted(high)}:${inverted(low)}`,
  ISATAP: (high, low) => `2001:db8::5efe:${high}:${low}`,
  'ISATAP of a global address': (high, low) => `2001:db8::200:5efe:${high}:${low}`,
}
const inverted = (group: string): string => (0xff_ff ^ Number.parseInt(group, 16)).toString(16)

describe('an IPv4 address inside an IPv6 address', () => {
  test.for(Object.entries(holders))(
    'an IPv4 address inside an IPv6 address is judged like the IPv4 address itself: %s',
    ([, holder]) => {
      const strict = new Targets(['shop.example.com'])
      const [metadataIn, loopbackIn, publicIn] = [
        holder('a9fe', 'a9fe'),
        holder('7f00', '0001'),
        holder('5db8', 'd822'),
      ]
      for (const written of [metadataIn, metadataIn.toUpperCase(), `${metadataIn}%eth0`]) {
        expect(new Targets(null).refusal(`[${written}]`)?.message).toContain('burst never load-tests')
        expect(strict.refusalOf('shop.example.com', [written])?.message).toContain('burst never load-tests')
      }
      expect(strict.refusalOf('shop.example.com', [loopbackIn])?.message).toContain('is the worker itself')
      expect(strict.refusalOf('shop.example.com', [publicIn])).toBeUndefined()
    },
  )

  test('the address of a metadata service is recognised behind any NAT64 prefix', () => {
    const strict = new Targets(['shop.example.com'])
    expect(strict.refusalOf('shop.example.com', ['2001:db8:64::a9fe:a9fe'])?.message).toContain(
      'burst never load-tests',
    )
    expect(strict.refusalOf('shop.example.com', ['2001:db8:64::169.254.170.2'])?.message).toContain(
      'burst never load-tests',
    )
    expect(strict.refusalOf('shop.example.com', ['2001:db8:64::7f00:1', '2600:9000::a9fe:1'])).toBeUndefined()
  })
})

test('connections that start at the same time never exceed the connection limit, and a closed connection no longer counts towards the limit', async () => {
  const target = await startCountingTarget()
  const { port } = new URL(target.origin)
  const maker = new ConnectionMaker(new Targets(null), { budget: 3 })
  let most = 0
  const open = (hostname: string): Promise<Socket | string> =>
    new Promise((resolve) => {
      const connect = maker.connectorFor(() => undefined)
      connect({ hostname, host: `${hostname}:${port}`, port, protocol: 'http:' }, (...[error, socket]) => {
        most = Math.max(most, maker.sockets)
        resolve(socket ?? (error as Error & { code: string }).code)
      })
    })
  const together = (hostname: string): Promise<(Socket | string)[]> =>
    Promise.all(Array.from({ length: 30 }, () => open(hostname)))
  try {
    for (const hostname of ['localhost', 'localhost', 'no-such-host.invalid', '127.0.0.1']) {
      const outcomes = await together(hostname)
      const sockets = outcomes.filter((one) => typeof one !== 'string')
      expect(outcomes.filter((one) => one === 'EMFILE')).toHaveLength(27)
      expect(sockets).toHaveLength(hostname.endsWith('.invalid') ? 0 : 3)
      for (const socket of sockets) socket.destroy()
      await expect.poll(() => maker.sockets, { timeout: 20_000 }).toBe(0)
    }
    expect(most).toBe(3)
  } finally {
    await target.close()
  }
})

describe('a worker with a list of hosts', () => {
  test('a worker does not send requests to hosts that are not on its list, not even after a redirect', async () => {
    const target = await startRudeTarget()
    const scenario = `
      import { HttpUser, scenario, task } from 'burst'
      class U extends HttpUser {
        @task async all() {
          await this.http.get('/to', { name: 'redirect', query: { location: 'http://elsewhere.invalid/' } })
          await this.http.get('http://elsewhere.invalid/a', { name: 'direct' })
        }
      }
      export default scenario({ host: '${target.origin}', users: [U], allow: ['elsewhere.invalid'] })`
    try {
      const options = { users: 1, iterations: 1, runTimeMs: 5000 }
      const { window } = await runSlice({ scenario, host: target.origin, options, allow: ['127.0.0.1'] })
      expect(
        [...window.errors.values()].map(({ name, kind, message }) => `${name}: ${kind}: ${message}`).toSorted(),
      ).toEqual([
        'direct: refused: elsewhere.invalid is not among the hosts that this stack may load-test',
        'redirect: refused: elsewhere.invalid is not among the hosts that this stack may load-test',
      ])
      expect(target.counts()).toEqual({ 'GET /to': 1 })
    } finally {
      await target.close()
    }
  })

  test('a worker checks the resolved address before it connects', async () => {
    const target = await startCountingTarget()
    const strict = new Targets(['shop.example.com'])
    const targets = { refusal: () => undefined, refusalOf: strict.refusalOf.bind(strict) }
    const connect = new ConnectionMaker(targets).connectorFor(() => undefined)
    try {
      const { port } = new URL(target.origin)
      const error = await new Promise<Error | null>((resolve) => {
        connect({ hostname: 'localhost', host: `localhost:${port}`, port, protocol: 'http:' }, (...[error]) =>
          resolve(error),
        )
      })
      expect(error?.message).toBe('localhost is the worker itself')
      expect(target.counts().perConnection).toEqual([])
    } finally {
      await target.close()
    }
  })
})
