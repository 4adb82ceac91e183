import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { runHook } from '../../../functions/hooks/run-hook.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { runSlice } from '../worker/slice-run.ts'

/** The ways in which scenario code can send data. Each function returns the outcome of its attempt. */
const ways = `
import { lookup } from 'node:dns'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import dgram, { createSocket } from 'node:dgram'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
const heard = (thing, event) => new Promise((resolve) => {
  thing.once('error', (error) => resolve(error.code ?? error.message))
  thing.once(event, () => { resolve('went through'); thing.destroy?.() })
})
const sent = (socket, ...args) => new Promise((resolve) => {
  socket.once('error', (error) => resolve(error.code))
  try { socket.send(...args, (error) => resolve(error ? error.code : 'went through')) } catch (error) { resolve(error.code) }
})
const toConnected = (socket, ...args) => new Promise((resolve) => {
  socket.connect(...args, (error) => resolve(error ? error.code : 'went through'))
})
/** Sends while burst itself connects, from a listener of the connection events. */
const spied = async (user, port) => {
  const outcomes = []
  const patched = net.Socket.prototype.connect
  const spy = () => {
    unsubscribe('net.client.socket', spy)
    net.Socket.prototype.connect = patched
    outcomes.push(heard(new net.Socket().connect({ host: 'localhost', port }), 'connect'))
  }
  subscribe('net.client.socket', spy)
  net.Socket.prototype.connect = function (...given) { spy(); return patched.apply(this, given) }
  await user.http.get('/spied', { headers: { connection: 'close' } })
  spy()
  return Promise.all(outcomes)
}
const peer = async (host, port) => {
  const socket = createSocket('udp4')
  const [outcomes, ready] = [[], new Promise((resolve) => socket.once('connect', resolve))]
  socket.on('error', (error) => outcomes.push(error.code))
  socket.connect(port, host)
  for (const given of [['x'], ['x', port]]) {
    const outcome = await sent(socket, ...given)
    if (!outcomes.includes(outcome)) outcomes.push(outcome)
  }
  await ready
  outcomes.push(await sent(socket, 'x'), await sent(socket, 'xyz', 1, 1))
  socket.close()
  return outcomes
}
const causeOf = (error) => error.cause?.code ?? error.message
const ways = (host, port, udp) => ({
  fetch: () => fetch('http://' + host + ':' + port + '/fetch').then(() => 'went through', causeOf),
  http: () => heard(http.get({ host, port, path: '/http' }), 'response'),
  agent: () => heard(http.get({ host, port, path: '/agent', agent: new http.Agent({ keepAlive: true }) }), 'response'),
  https: () => heard(https.get({ host, port, path: '/https' }), 'response'),
  http2: () => heard(http2.connect('http://' + host + ':' + port), 'connect'),
  port: () => heard(new net.Socket().connect(port, host), 'connect'),
  text: () => heard(net.connect(String(port), host), 'connect'),
  options: () => heard(net.createConnection({ host, port, autoSelectFamily: true }), 'connect'),
  tls: () => heard(tls.connect({ host, port, rejectUnauthorized: false }), 'secureConnect'),
  lookup: () => heard(net.connect({ host, port, lookup: (name, options, done) => lookup(name, options, done) }), 'connect'),
  datagram: () => sent(createSocket('udp4'), 'x', udp, host),
  slice: () => sent(dgram.createSocket({ type: 'udp4' }), Buffer.from('xyz'), 1, 1, udp, host),
  odd: () => sent(createSocket('udp4'), Buffer.from('xyz'), '0', 1, udp, host),
  connected: () => toConnected(createSocket('udp4'), udp, host),
  own: () => sent(new dgram.Socket({ type: 'udp4' }), 'x', udp, host),
  webSocket: () => new Promise((resolve) => {
    const socket = new WebSocket('ws://' + host + ':' + port)
    socket.onerror = () => resolve('failed')
    socket.onopen = () => resolve('went through')
  }),
  builtin: () => heard(process.getBuiltinModule('net').connect({ host, port }), 'connect'),
  stream: () => heard(new net.Stream().connect({ host, port }), 'connect'),
  upgraded: () => heard(tls.connect({ socket: new net.Socket().connect({ host, port }) }), 'secureConnect'),
  sendTo: () => new Promise((resolve) => createSocket('udp4').sendto(Buffer.from('xyz'), 0, 3, udp, host, (error) => resolve(error ? error.code : 'went through'))),
})
const all = async (host, port, udp) =>
  Object.fromEntries(await Promise.all(Object.entries(ways(host, port, udp)).map(async ([way, go]) => [way, await go()])))
`

const refused = 'BURST_REFUSED'

test('scenario code cannot reach a host that its stack does not allow, no matter which Node API the code uses', async () => {
  const [allowed, forbidden] = [await startCountingTarget(), await startCountingTarget()]
  const udp = createSocket('udp4')
  let datagrams = 0
  udp.on('message', () => datagrams++).bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const port = (of: { origin: string }): string => new URL(of.origin).port
  const scenario = `import { HttpUser, scenario } from 'burst'
${ways}
class U extends HttpUser {
  tasks = { go: 1 }
  async go() {
    await this.http.get('/ours')
    const there = await all('127.0.0.1', ${port(allowed)}, 1)
    const leading = (address, family) => heard(net.connect({
      host: 'shop.example.com', port: ${port(forbidden)},
      lookup: (name, options, done) => options.all ? done(null, [{ address, family }]) : done(null, address, family),
    }), 'connect')
    const led = [await leading('169.254.169.254', 4), await leading('::ffff:169.254.169.254', 6)]
    const local = await heard(net.connect('/run/some.sock'), 'connect')
    throw new Error(JSON.stringify({ there: { fetch: there.fetch, http: there.http, text: there.text }, led, local, spied: await spied(this, ${port(forbidden)}), peer: await peer('127.0.0.1', 9) }))
  }
}
class Elsewhere extends HttpUser {
  tasks = { go: 1 }
  async go() { throw new Error(JSON.stringify(await all('localhost', ${port(forbidden)}, ${udp.address().port}))) }
}
export default scenario({ host: '${allowed.origin}', users: [U, Elsewhere] })`
  try {
    const { window } = await runSlice({
      scenario,
      host: allowed.origin,
      options: { users: 2, iterations: 1, runTimeMs: 20_000 },
      allow: ['127.0.0.1', 'shop.example.com'],
    })
    const said = [...window.exceptions.values()].map(
      ({ message }) => JSON.parse(message.replace('Error: ', '')) as Record<string, unknown>,
    )
    expect(said.find((one) => 'there' in one)).toEqual({
      there: { fetch: 'went through', http: 'went through', text: 'went through' },
      led: [refused, refused],
      local: refused,
      spied: [refused],
      peer: expect.arrayContaining(['ERR_SOCKET_BAD_PORT', 'went through']),
    })
    expect(JSON.stringify(said.find((one) => 'there' in one))).not.toContain('localhost')
    const outcomes = Object.entries(said.find((one) => 'fetch' in one) ?? {})
    expect(outcomes.map(([way]) => way)).toHaveLength(20)
    // The outcome of Node's WebSocket does not say why the connection failed.
    for (const [way, outcome] of outcomes)
      expect([way, outcome]).toEqual([way, way === 'webSocket' ? 'failed' : refused])
    expect(forbidden.counts()).toMatchObject({ received: 0, perConnection: [] })
    expect(datagrams).toBe(0)
    expect(allowed.counts().byPath).toMatchObject({ 'GET /ours': 1, 'GET /fetch': 1, 'GET /http': 1 })
  } finally {
    udp.close()
    await Promise.all([allowed.close(), forbidden.close()])
  }
})

test('hooks of a scenario cannot reach a host that its stack does not allow', async () => {
  const target = await startCountingTarget()
  const { port } = new URL(target.origin)
  const code = `${ways}
export default { beforeRun: async () => ({ there: await ways('127.0.0.1', ${port}, 1).fetch(), elsewhere: await ways('localhost', ${port}, 1).fetch() }) }`
  const bundle = createHash('sha256').update(code).digest('hex')
  const store = new MemoryStore()
  await store.put(keys.bundle(bundle), code)
  try {
    await runHook({ store, allow: ['127.0.0.1'] }, planOf({ bundle }), 'beforeRun')
    const result = JSON.parse((await store.get(keys.hook('r1', 'beforeRun')))?.body ?? '')
    expect(result).toEqual({ there: 'went through', elsewhere: refused })
    expect(target.counts().received).toBe(1)
  } finally {
    await target.close()
  }
})
