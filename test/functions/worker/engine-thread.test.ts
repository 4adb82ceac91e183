import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { anchorNow } from '../../../functions/clock.ts'
import type { EngineSetup } from '../../../functions/worker/engine/protocol.ts'
import { engineLoaded, prepareEngine, startEngine } from '../../../functions/worker/engine-thread.ts'
import { planOf } from '../../fixtures/run.ts'

const limits = { maxOldGenerationSizeMb: 200 }
let folder: string
let threads: Worker[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-engine-'))
  threads = []
})
afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.terminate()))
  rmSync(folder, { recursive: true, force: true })
})

/** Returns the setup of an engine. `code` is the code of its bundle. The default code throws an error that contains the number of the slice. */
function setupOf(slice: number, code = 'throw new Error(`loaded by worker ${process.env.SLICE}`)'): EngineSetup {
  const plan = planOf({ env: { SLICE: String(slice) } })
  const bundleFile = join(folder, `${slice}.mjs`)
  writeFileSync(bundleFile, code)
  return {
    plan,
    fleet: fleetAt(plan),
    slice,
    attempt: 0,
    bundleFile,
    data: undefined,
    anchor: anchorNow(),
    startAt: Date.now() + 60_000,
    leaseUntil: Date.now() + 120_000,
    allow: null,
    sent: new SharedArrayBuffer(4),
    mode: 'run',
  }
}

/** Starts a thread. Returns the number of this thread, which is greater than the number of every earlier thread. */
function nextThread(): number {
  const thread = new Worker('', { eval: true })
  threads.push(thread)
  return thread.threadId
}

async function outcomeOf(engine: Worker): Promise<string> {
  threads.push(engine)
  return engineLoaded(engine, (text) => text).then(
    () => 'loaded',
    (error: Error) => error.message,
  )
}

test('a prepared engine is used only once, and only for a worker that has the same limits as the engine', async () => {
  prepareEngine(limits)
  const before = nextThread()
  const prepared = startEngine(setupOf(0), { ...limits })
  expect(prepared.threadId).toBeLessThan(before)
  const second = startEngine(setupOf(1), limits)
  expect(second.threadId).toBeGreaterThan(before)
  prepareEngine(limits)
  const later = nextThread()
  const other = startEngine(setupOf(2), { maxOldGenerationSizeMb: 300 })
  expect(other.threadId).toBeGreaterThan(later)
  expect(other.resourceLimits).toMatchObject({ maxOldGenerationSizeMb: 300 })
  expect(await Promise.all([prepared, second, other].map(outcomeOf))).toEqual([
    expect.stringContaining('loaded by worker 0'),
    expect.stringContaining('loaded by worker 1'),
    expect.stringContaining('loaded by worker 2'),
  ])
})

/**
 * This code creates many objects with one object literal. It keeps all these objects, in the same way as waiting users keep their last request. It
 * then throws an error. The message of this error says in which generation V8 allocates another object of this literal.
 */
const keepingCode = `import { setFlagsFromString } from 'node:v8'
import { runInNewContext, runInThisContext } from 'node:vm'
setFlagsFromString('--expose-gc')
setFlagsFromString('--allow-natives-syntax')
const collect = runInNewContext('gc')
const isYoung = runInThisContext('(object) => %InYoungGeneration(object)')
const made = (number) => ({ number, list: [number], more: { number } })
const kept = []
for (let round = 0; round < 12 && isYoung(made(0)); round++) {
  for (let number = 0; number < 20_000; number++) kept.push(made(number))
  collect({ type: 'minor' })
}
throw new Error(isYoung(made(0)) ? 'made in the young generation' : 'made in the old generation')`

test('the engine allocates new objects in the young generation even if earlier objects of the same kind lived long', async () => {
  const engine = startEngine(setupOf(0, keepingCode), { ...limits, maxYoungGenerationSizeMb: 6 })
  expect(await outcomeOf(engine)).toContain('made in the young generation')
})

/** Returns the priorities of V8's threads in this process. In these threads, V8 compiles code and collects garbage. */
function compilerPriorities(): number[] {
  const tasks = '/proc/self/task'
  const compilers = readdirSync(tasks).filter((task) => readFileSync(`${tasks}/${task}/comm`, 'utf8') === 'V8Worker\n')
  return compilers.map((task) => getPriority(Number(task)))
}

test.runIf(process.platform === 'linux')(
  "V8's compilers have a lower priority than an engine with many users, however many engines are started",
  async () => {
    for (const slice of [0, 1]) {
      const engine = startEngine(setupOf(slice), { ...limits, maxYoungGenerationSizeMb: 6 })
      expect(await outcomeOf(engine)).toContain('loaded by worker')
    }
    const priorities = compilerPriorities()
    expect(priorities.length).toBeGreaterThan(0)
    expect(new Set(priorities)).toEqual(new Set([Math.min(19, getPriority() + 10)]))
  },
)
