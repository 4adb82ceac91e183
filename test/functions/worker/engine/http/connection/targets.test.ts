import { describe, expect, test } from 'vitest'
import { ConnectionMaker } from '../../../../../../functions/worker/engine/http/connection/connector.ts'
import { Targets } from '../../../../../../functions/worker/engine/http/connection/targets.ts'
import { startCountingTarget } from '../../../../../targets/counting-target.ts'
import { startRudeTarget } from '../../../../../targets/rude-targets.ts'
import { runSlice } from '../../../slice-run.ts'

const metadata = ['169.254.169.254', '169.254.170.2', '[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]']
const itself = ['127.0.0.1', '127.8.8.8', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]']

describe('targets', () => {
  test.for(metadata)('never include %s, allowed or not', (host) => {
    expect(new Targets(null).refusal(host)?.message).toContain('never loaded')
    expect(new Targets([host]).refusal(host)?.message).toContain('never loaded')
  })

  test.for(itself)('include %s on this machine, and in a cloud function only where the stack says so', (host) => {
    expect(new Targets(null).refusal(host)).toBeUndefined()
    expect(new Targets([host]).refusal(host)).toBeUndefined()
    expect(new Targets(['shop.example.com']).refusal(host)?.message).toContain('not among the hosts')
    expect(new Targets(['shop.example.com']).refusalOf('shop.example.com', [host.replace(/[[\]]/g, '')])).toBeDefined()
  })

  test('are judged by what a name resolves to', () => {
    const targets = new Targets(['*.example.com'])
    expect(targets.refusal('shop.example.com')).toBeUndefined()
    expect(targets.refusalOf('shop.example.com', ['93.184.216.34', '10.0.0.1'])).toBeUndefined()
    expect(targets.refusalOf('shop.example.com', ['93.184.216.34', '169.254.169.254'])).toBeDefined()
  })
})

describe('a worker with a list of hosts', () => {
  test('refuses what is not on it, redirects included, and sends nothing there', async () => {
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
        'direct: refused: elsewhere.invalid is not among the hosts that this stack may load',
        'redirect: refused: elsewhere.invalid is not among the hosts that this stack may load',
      ])
      expect(target.counts()).toEqual({ 'GET /to': 1 })
    } finally {
      await target.close()
    }
  })

  test('looks at where a name leads before it connects', async () => {
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
