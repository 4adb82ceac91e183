import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { oneProxy, parseResolve } from '../../../../../../core/hosts/network.ts'
import { startProxy } from '../../../../../targets/proxy.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { startTlsTarget } from '../../../../../targets/tls-target.ts'
import { startWebSocketTarget } from '../../../../../targets/web-socket-target.ts'
import { runSlice } from '../../../slice-run.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
const options = { users: 1, iterations: 1, runTimeMs: 20_000 }

test.skipIf(!hasIpv6)(
  'requests and WebSocket connections reach IPv6 addresses, both directly and through a proxy that has an IPv6 address',
  async () => {
    const received: string[] = []
    const server = createServer(({ url, headers }, response) => {
      received.push(`${url} ${headers.host}`)
      response.end('ok')
    })
    const [origin, proxy, target, secured] = await Promise.all([
      listening(server, '::1'),
      startProxy('::1'),
      startWebSocketTarget('::1'),
      startTlsTarget(),
    ])
    const { port } = new URL(secured.origin)
    const classes = `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async go() {
    await this.http.get('${origin}/plain', { name: '/plain' })
    const chat = await this.ws('${target.origin.replace('http', 'ws')}/chat', { name: 'chat' })
    void chat.send('hi')
    await chat.expect('echo hi', { name: 'hi' })
    await this.http.get('https://[2001:db8::7]:${port}/secured', { name: '/secured' })
  }
}
export default scenario({ host: '${origin}', users: [U], tls: { insecure: true } })`
    try {
      const direct = await runSlice({
        host: origin,
        scenario: classes,
        options: { ...options, resolve: [parseResolve(`[2001:DB8::7]:${port}:127.0.0.1`)] },
      })
      expect([...direct.window.errors.values()].map(({ name, message }) => `${name} ${message}`)).toEqual([])
      const proxied = await runSlice({
        host: origin,
        scenario: classes,
        options: { ...options, proxy: oneProxy(proxy.origin, 'proxy', ['[::1]']) },
      })
      expect([...proxied.window.errors.values()].map(({ name, message }) => `${name} ${message}`)).toEqual([])
      expect(proxy.received).toEqual([`CONNECT [2001:db8::7]:${port} -`])
      const host = new URL(origin).host
      expect(received).toEqual([`/plain ${host}`, `/plain ${host}`])
      expect(secured.received.map(({ path, host: asked }) => `${path} ${asked}`)).toEqual([
        `/secured [2001:db8::7]:${port}`,
        `/secured [2001:db8::7]:${port}`,
      ])
      expect(target.counts()).toMatchObject({ received: 2, messages: 2 })
    } finally {
      await Promise.all([ended(server), proxy.close(), target.close(), secured.close()])
    }
  },
)
