/** Every way that code can send a request. Each way uses a host that the stack does not allow, or a metadata address. */
export const ways = `
import dns from 'node:dns'
import { createSocket } from 'node:dgram'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { Client, fetch as otherFetch, request } from 'undici'

const heard = (thing, event) => new Promise((resolve) => {
  thing.once('error', (error) => resolve(error.code ?? error.message))
  thing.once(event, () => resolve('went through'))
})
const asked = (answer) => answer.then(() => 'went through', (error) => error.cause?.code ?? error.code ?? error.message)
const sent = (port, host) => new Promise((resolve) => {
  createSocket('udp4').send('x', port, host, (error) => resolve(error ? error.code : 'went through'))
})
/** A host that the stack allows, with responses that redirect to other hosts. */
const led = (address, family) => heard(net.connect({
  host: 'shop.example.com', port: 80,
  lookup: (name, options, done) => options.all ? done(null, [{ address, family }]) : done(null, address, family),
}), 'connect')
const patched = async () => {
  const { lookup } = dns
  dns.lookup = (name, options, done) => (done ?? options)(null, [{ address: '169.254.169.254', family: 4 }])
  try { return await asked(fetch('http://localhost/')) } finally { dns.lookup = lookup }
}

export const all = async (port, origin) => {
  const at = { host: 'localhost', port }
  const url = 'http://localhost:' + port
  const ways = {
    allowed: asked(fetch(origin + '/allowed')),
    fetch: asked(fetch(url)),
    http: heard(http.get(at), 'response'),
    agent: heard(http.get({ ...at, agent: new http.Agent({ keepAlive: true }) }), 'response'),
    https: heard(https.get(at), 'response'),
    http2: heard(http2.connect(url), 'connect'),
    net: heard(net.connect(port, 'localhost'), 'connect'),
    socket: heard(new net.Socket().connect(at), 'connect'),
    tls: heard(tls.connect({ ...at, rejectUnauthorized: false }), 'secureConnect'),
    undici: asked(request(url)),
    undiciFetch: asked(otherFetch(url)),
    undiciClient: asked(new Client(url).request({ path: '/', method: 'GET' })),
    datagram: sent(port, 'localhost'),
    lookup: led('169.254.169.254', 4),
    mapped: led('::ffff:169.254.169.254', 6),
    dns: patched(),
    dot: asked(fetch('http://localhost.:' + port)),
    any: asked(fetch('http://0.0.0.0:' + port)),
    local: heard(net.connect('/run/some.sock'), 'connect'),
  }
  return Object.fromEntries(await Promise.all(Object.entries(ways).map(async ([way, outcome]) => [way, await outcome])))
}
`
