import { HttpUser } from '../../../../core/authoring/http-user.ts'
import { type Scenario, scenario } from '../../../../core/authoring/definition.ts'
import { pacing } from '../../../../core/authoring/wait.ts'
import { fleetAt } from '../../../../core/fleet/fleet.ts'
import { type PlannedClass, type RunPlan, slicesOf } from '../../../../core/plan/plan.ts'
import { anchorNow } from '../../../clock.ts'
import type { EngineSetup } from '../protocol.ts'

/** The time, in milliseconds, over which the users start. */
const rampMs = 100
/** The time, in seconds, between two requests of a user. */
const everyS = 0.02
const longMs = 60_000

class WarmUpUser extends HttpUser {
  override wait = pacing(everyS)
  async load(): Promise<void> {
    await this.http.get('/').expect(200)
  }
}

const userClass: PlannedClass = {
  name: WarmUpUser.name,
  weight: 1,
  count: null,
  tags: [],
  tasks: [{ name: 'load', weight: 1, tags: [] }],
}

const plan: Omit<RunPlan, 'host' | 'profile' | 'users' | 'slices'> = {
  schemaVersion: 1,
  run: 'warm-up',
  name: 'warm-up',
  scenario: '',
  seed: 'warm-up',
  bundle: '',
  build: '',
  backend: 'local',
  region: 'local',
  createdAt: 0,
  model: 'users',
  freshUser: false,
  classes: [userClass],
  slicesPerShard: 1,
  windowMs: 5_000,
  flushMs: 5_000,
  timing: {
    startLeadMs: 0,
    startNoticeMs: 0,
    controlPollMs: longMs,
    leaseMs: longMs,
    drainMs: 0,
    stopMs: 0,
    graceMs: 0,
  },
  iterations: null,
  thresholds: [],
  connections: 'per-user',
  vars: {},
  failOnError: false,
  hooks: { beforeRun: false, afterRun: false, onRequest: false },
  words: [],
}

/** Returns the run for a warm-up. In this run, `users` users send requests to `host`. The users belong to burst, not to the scenario. */
export function warmUpRun(host: string, users: number): { scenario: Scenario; setup: EngineSetup } {
  const ramp = [
    { atMs: 0, level: 0 },
    { atMs: rampMs, level: users },
  ]
  const planned: RunPlan = { ...plan, host, users, profile: { points: ramp, endMs: null }, slices: slicesOf(users, 1) }
  const anchor = anchorNow()
  const setup: EngineSetup = {
    plan: planned,
    fleet: fleetAt(planned),
    slice: 0,
    attempt: 0,
    bundleFile: '',
    data: null,
    anchor,
    startAt: anchor.epochMs,
    leaseUntil: anchor.epochMs + longMs,
    allow: null,
    sent: new SharedArrayBuffer(4),
    mode: 'run',
  }
  return { scenario: scenario({ host, users: [WarmUpUser] }), setup }
}
