import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChildTarget, runInChild } from '../../../../targets/child.ts'
import { runSlice } from '../../slice-run.ts'

let target: ChildTarget
beforeAll(async () => (target = await runInChild('measuring/exact-delay-target.ts', { slowMs: 20 })))
afterAll(async () => target.close())

/** Replaces built-ins. Some replacements are like those of fake timers and careless polyfills. The other replacements are more harmful. */
const replacing = `
const prototypeOfIterator = (list: object): any => Object.getPrototypeOf((list as any)[Symbol.iterator]())
const iterators = [prototypeOfIterator([]), prototypeOfIterator(new Map()), prototypeOfIterator(new Set())]
function replaceAll() {
  const global = globalThis as any
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout']) global[name] = () => 0
  const Frozen = class extends Date { static now = () => 0 }
  global.Date = Frozen
  global.performance.now = () => 0
  process.nextTick = () => undefined
  ;(process.hrtime as any) = Object.assign(() => [0, 0], { bigint: () => 0n })
  global.URL = class { constructor() { throw new Error('no URL') } }
  const RealMap = Map
  global.Map = class extends RealMap { get() { return undefined } set() { return this } }
  Set.prototype.add = function () { return this }
  JSON.parse = () => ({}); JSON.stringify = () => '"replaced"'
  global.Promise.allSettled = () => new Promise(() => undefined)
  Promise.prototype.then = function () { return new Promise(() => undefined) } as never
  Array.prototype.push = () => 0; Array.prototype.map = () => []; Array.prototype.shift = () => undefined
  for (const key of ['toJSON', 'then', 'get', 'value']) (Object.prototype as any)[key] = function () { return 'mine' }
  ;(Array.prototype as any).toJSON = () => 'mine'
  ;(Object.prototype as any).extension = () => 1 // An enumerable property that the scenario adds and keeps.
  global.Promise.resolve = () => ({}); global.Promise.all = () => ({}); global.Promise.withResolvers = undefined
  global.Buffer.from = global.Buffer.concat = () => new Uint8Array(); global.Buffer.byteLength = () => 0
  for (let k = 0; k < 3; k++) iterators[k].next = () => ({ done: true, value: undefined })
  ;(Array.prototype as any)[Symbol.iterator] = function* () {}; (RealMap.prototype as any)[Symbol.iterator] = function* () {}
  Object.entries = () => []; Math.max = () => 0; Math.floor = () => 7; String.prototype.slice = () => 'cut'
}
`

test.for([
  ['while it is loaded', 'replaceAll()', ''],
  ['at every start of a user', '', 'async onStart() { replaceAll() }'],
  ['in its tasks', '', '@task(2) async replaces() { replaceAll(); await this.http.get("/", { body: "x" }) }'],
])(
  'if a scenario replaces the clock, timers and other built-ins %s, its requests are counted and timed like those of any other scenario',
  async ([, atLoad, inUser]) => {
    const { window } = await runSlice({
      scenario: `import { HttpUser, constant, scenario, task } from 'burst'
${replacing}
class U extends HttpUser {
  wait = constant('30ms')
  ${inUser}
  @task async go() { await this.http.get('/'); await this.sleep('10ms') }
}
${atLoad}
export default scenario({ host: '${target.origin}', users: [U] })`,
      host: target.origin,
      options: { users: 4, iterations: 15, runTimeMs: 20_000 },
    })
    const [row] = [...window.requests.values()]
    expect([...window.notices.keys()].join('\n')).toContain('the scenario added Object.prototype.toJSON')
    expect(row).toMatchObject({ requests: 60, failures: 0, exchanges: 60, interrupted: 0 })
    expect([...window.exceptions.keys()]).toEqual([])
    expect(row?.latency.count).toBe(60)
    expect((row?.latency.minUs ?? 0) / 1000).toBeGreaterThan(19.9)
    expect(row?.latency.percentileMs(50)).toBeLessThan(2_000)
    const [worker] = [...window.workers.values()]
    expect(worker?.lag.count).toBe(60)
    expect(worker?.lag.sumUs).toBeGreaterThan(0)
    expect(worker?.timingError.maxUs).toBeGreaterThan(0)
    const iterations = [...window.iterations.values()].reduce((sum, { count }) => sum + count, 0)
    expect(iterations).toBe(60)
    expect([...window.notices.keys()].join('\n')).toContain('the scenario replaced setTimeout')
  },
)
