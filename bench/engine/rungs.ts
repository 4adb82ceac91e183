import { HttpUser, type Scenario, scenario } from '../../index.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { describeScenario } from '../../core/authoring/describing/describe-scenario.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import { planRun } from '../../core/plan/plan-run.ts'
import { anchorNow } from '../../functions/clock.ts'
import { BuiltInGuard } from '../../functions/guard/built-in-guard.ts'
import { Engine } from '../../functions/worker/engine/engine.ts'
import { installCurrentUser } from '../../functions/worker/engine/users/current-user.ts'
import { runSlice } from '../../test/functions/worker/slice-run.ts'
import { liveBare } from './bare-user.ts'
import { Layers } from './layers.ts'
import { shopper } from './shopper.ts'

/** The name of a rung of the ladder, the target of its requests, and the number of its users. */
export interface RungOptions {
  rung: string
  origin: string
  /** The path of the requests: `/` or `/json`. */
  path: string
  users: number
}

/** The length of the run, in milliseconds. A run of this length does not end by itself during the measurement. */
const longMs = 280_000
/** The headers that burst sends, including the cookie of the target. */
const headers = {
  'user-agent': 'burst/bench',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
  cookie: 'session=4f1c9d20b7',
}

type Run = (options: RungOptions) => unknown

export interface Rung {
  name: string
  /** The work that this rung adds to the previous rung. */
  adds: string
  run: Run
}

/** The rungs, from a bare client to the whole worker. Each rung adds work to the previous rung. A rung runs until its process ends. */
export const rungs: readonly Rung[] = [
  { name: 'dispatch', adds: "undici's `Client.dispatch`, one promise per request", run: (options) => bare(options) },
  { name: 'headers', adds: 'the four headers that burst sends', run: (options) => bare(options, headers) },
  {
    name: 'exchange',
    adds: "`Exchange`: connections from a pool, corrections of undici's HTTP (`Wire`), times, timing error",
    run: each((layers, path) => layers.exchangesOf(path)),
  },
  {
    name: 'call',
    adds: '`this.http.get().expect(200)`: route, promise, deadline and check of the status',
    run: each((layers, path) => layers.callsOf(path, 'at once')),
  },
  {
    name: 'queue',
    adds: 'the queue that resumes users: one `setImmediate` per resume',
    run: each((layers, path) => layers.callsOf(path, 'in turn')),
  },
  {
    name: 'counts',
    adds: 'counts and histograms',
    run: each((layers, path) => layers.callsOf(path, 'counted')),
  },
  {
    name: 'engine',
    adds: 'users: iterations, tasks, waits, random draws, cookies, intent, lease, guard of built-in objects, health',
    run: (options) => inThisThread(options),
  },
  {
    name: 'worker',
    adds: 'the whole worker: a separate thread, the shell, windows',
    run: (options) => inWorker(options),
  },
]

function bare({ origin, path, users }: RungOptions, sent?: Record<string, string>): void {
  const user = { origin, path, goesOn: () => true, counted: () => undefined, ...(sent && { headers: sent }) }
  for (let index = 0; index < users; index++) void liveBare(user)
}

function each(live: (layers: Layers, path: string) => Promise<never>): Run {
  return ({ origin, path, users }) => {
    const layers = new Layers(origin)
    for (let index = 0; index < users; index++) void live(layers, path)
  }
}

/** Runs the engine in this thread, without the worker's shell (`shell.ts`). */
function inThisThread({ origin, path, users }: RungOptions): void {
  const definition = scenario({ host: origin, users: [path === '/json' ? JsonShopper : Shopper] })
  const plan = planOf(definition, users)
  const control = { v: 1 as const, startAt: plan.createdAt, leaseUntil: plan.createdAt + longMs, stop: null }
  installCurrentUser(() => undefined)
  const engine = new Engine(
    {
      plan,
      fleet: fleetAt(plan, {}),
      slice: 0,
      attempt: 0,
      bundleFile: '',
      data: null,
      anchor: anchorNow(),
      startAt: control.startAt,
      leaseUntil: control.leaseUntil,
      allow: null,
      sent: new SharedArrayBuffer(4),
      mode: 'run',
    },
    definition,
    { builtIns: new BuiltInGuard(() => undefined), tell: () => undefined, feeds: [] },
  )
  engine.begin()
  // Passes the control file to the engine every 250 ms, with the current time as the time at which the file was read. The benchmark may pause this
  // process for many seconds. After such a pause, the engine sends no requests until it receives a control file that was read after the pause.
  setInterval(() => engine.control({ ...control, readAt: Date.now() }), 250)
}

class Shopper extends HttpUser {
  override tasks = { often: 3, seldom: 1 }
  async often(): Promise<void> {
    await this.http.get('/').expect(200)
  }
  async seldom(): Promise<void> {
    await this.http.get('/').expect(200)
  }
}

class JsonShopper extends HttpUser {
  override tasks = { often: 3, seldom: 1 }
  async often(): Promise<void> {
    await this.http.get('/json').expect(200).json()
  }
  async seldom(): Promise<void> {
    await this.http.get('/json').expect(200).json()
  }
}

function planOf(definition: Scenario, users: number): RunPlan {
  const limits = { users, spawnRate: 1_000, runTimeMs: longMs, workers: 1 }
  return planRun({
    description: describeScenario(definition),
    options: { tags: [], excludeTags: [], vars: {}, failOnError: false, ...limits },
    facts: {
      run: 'r1',
      scenario: 'bench',
      bundle: '',
      build: 'bench',
      createdAt: Date.now(),
      seed: 'seed',
      cores: 1,
      backend: 'local',
      region: 'local',
    },
  })
}

async function inWorker({ origin, path, users }: RungOptions): Promise<void> {
  await runSlice({
    scenario: shopper(origin, path),
    host: origin,
    options: { users, spawnRate: 1_000, runTimeMs: longMs },
    plan: (plan) => ({ ...plan, timing: { ...plan.timing, controlPollMs: 500 } }),
    // The run stops when the parent process disconnects.
    during: ({ stop }) => new Promise((resolve) => process.once('disconnect', () => void stop().then(resolve))),
  })
}
