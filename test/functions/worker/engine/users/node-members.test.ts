import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChildTarget, runInChild } from '../../../../targets/child.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

let target: ChildTarget
beforeAll(async () => (target = await runInChild('measuring/exact-delay-target.ts', { slowMs: 5 })))
afterAll(async () => target.close())

interface Code {
  imports: string
  atLoad?: string
  inTask?: string
  runTimeMs?: number
}

async function run({ imports, atLoad = '', inTask = '', runTimeMs = 20_000 }: Code): Promise<SliceRunResult> {
  return runSlice({
    scenario: `import { HttpUser, scenario, task } from 'burst'
${imports}
class U extends HttpUser {
  wait = () => 0.02
  @task async go() { await this.http.get('/'); ${inTask} }
}
${atLoad}
export default scenario({ host: '${target.origin}', users: [U] })`,
    host: target.origin,
    options: { users: 4, iterations: 10, runTimeMs },
  })
}

/** Wraps members of Node, as libraries for tracing and for proxies do. Each wrapper calls the original. */
const wrapping = `
import { EventEmitter } from 'node:events'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'

const called = new Set<string>()
function wrapAll() {
  for (const [owner, key] of [[EventEmitter.prototype, 'emit'], [Socket.prototype, 'write'], [http, 'get']] as [any, string][]) {
    const original = owner[key]
    owner[key] = function (...given: unknown[]) { called.add(key); return original.apply(this, given) }
  }
  syncBuiltinESMExports()
}
async function callAll() {
  await new Promise((resolve, reject) => http.get('TARGET/', (answer) => answer.resume().on('end', resolve)).on('error', reject))
  return [...called].toSorted().join(' ')
}`

test.for([
  ['while it is loaded', { atLoad: 'wrapAll()' }],
  ['in a task', { inTask: 'if (called.size === 0) wrapAll();' }],
] as const)(
  'if a library wraps members of Node %s, the wrappers remain, every request is counted, and the report names the members once',
  async ([, { atLoad = '', inTask = '' }]: readonly [string, { atLoad?: string; inTask?: string }]) => {
    const { window } = await run({
      imports: wrapping.replace('TARGET', target.origin),
      atLoad,
      inTask: `${inTask} this.record({ method: 'called', name: await callAll(), ms: 0 })`,
    })
    expect([...window.exceptions.keys()]).toEqual([])
    expect([...window.requests.values()]).toMatchObject([{ requests: 40, failures: 0, exchanges: 40, interrupted: 0 }])
    expect(window.metrics.get('called emit get write')?.count).toBe(40)
    expect([...window.notices.keys()]).toEqual([
      expect.stringMatching(/replaced http\.get, EventEmitter\.prototype\.emit, .*net\.Socket\.prototype\.write/),
    ])
  },
)

test('if a scenario replaces members of Node with useless values, the report is still made and names these members', async () => {
  const { window } = await run({
    imports: `import { EventEmitter } from 'node:events'
import net from 'node:net'
import { MessagePort } from 'node:worker_threads'
const nothing: any = () => false`,
    atLoad: `EventEmitter.prototype.emit = EventEmitter.prototype.on = nothing
process.emit = net.Socket.prototype.write = net.Socket.prototype.read = net.connect = nothing
MessagePort.prototype.postMessage = nothing`,
    runTimeMs: 2_000,
  })
  const [first = ''] = [...window.notices.keys()]
  expect(first).toContain('code of the scenario or of a library replaced process.emit, ')
  expect(first).toContain('burst does not restore members of Node')
}, 120_000)

test('the report does not name replaced members of Node if the scenario only imports modules of Node', async () => {
  const names =
    `assert async_hooks buffer child_process cluster crypto dgram diagnostics_channel dns events fs http http2 https net os
perf_hooks querystring readline stream string_decoder timers tls url util v8 vm worker_threads zlib`.split(/\s/)
  const { window } = await run({
    imports: `${names.map((name) => `import * as ${name} from 'node:${name}'`).join('\n')}
// Reads every member, because Node makes some of them only when they are read.
for (const one of [${names.join(', ')}]) for (const value of Object.values(one)) void (value as any)?.prototype
void [fetch, WebSocket, MessageChannel, BroadcastChannel, AbortSignal.timeout(1), new Blob([]).stream()]`,
  })
  expect([...window.notices.keys()]).toEqual([])
  expect([...window.requests.values()]).toMatchObject([{ requests: 40, failures: 0 }])
})
