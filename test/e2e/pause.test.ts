import { afterAll, describe, expect, test } from 'vitest'
import { fleetAt, sliceOf } from '../../core/fleet/fleet.ts'
import { turnOf } from '../../core/fleet/turns.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import type { LocalRun } from '../../cli/embedded/local-run.ts'
import { stopRun } from '../../functions/control/change-control.ts'
import type { Control } from '../../core/fleet/control.ts'
import { keys } from '../../functions/keys.ts'
import { continueRun, pauseRun } from '../../functions/control/pause-run.ts'
import { type UserRequest, type UserTarget, userTargets } from '../targets/user-target.ts'
import { runLocal } from './local.ts'

const targets = userTargets()
afterAll(() => targets.close())

const users = 8
/**
 * Returns a scenario in which each request contains the user's cookie, the user's number of visits and the id of the process that sends the request.
 */
const scenario = (host: string): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  visits = 0
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    this.http.headers.set('x-pid', String(process.pid))
    await this.http.post('/login')
  }
  async go() {
    this.visits++
    this.http.headers.set('x-pid', String(process.pid))
    await this.http.get('/go', { query: { n: this.visits, k: this.random.int(1, 1e9) } })
  }
  async onStop() { await this.http.post('/logout') }
}
export default scenario({
  host: '${host}', users: [Shopper], load: [ramp(${users}, '0s'), hold('10m')], thresholds: ['rps > 20', 'errors < 1%'],
})`

interface Run {
  run: LocalRun
  plan: RunPlan
  target: UserTarget
}

const place = ({ run }: Run) => run
const all = ({ byUser }: UserTarget): UserRequest[] => [...byUser.values()].flat()
/** Waits until each user has sent `requests` further requests. */
async function busy(target: UserTarget, requests: number): Promise<void> {
  const before = new Map([...target.byUser].map(([user, sent]) => [user, sent.length]))
  const isBusy = (user: number): boolean =>
    (target.byUser.get(String(user))?.length ?? 0) >= (before.get(String(user)) ?? 0) + requests
  await expect
    .poll(() => Array.from({ length: users }, (_, user) => isBusy(user)).every(Boolean), { timeout: 60_000 })
    .toBe(true)
}

/** Returns the time since the start of the run, in seconds. */
const sinceStart = async (one: Run): Promise<number> => {
  const stored = await one.run.store.get(keys.control(one.plan.run))
  return (one.run.clock.nowMs() - (JSON.parse(stored?.body ?? '{}') as { startAt: number }).startAt) / 1000
}
const reached = async (one: Run, seconds: number): Promise<void> => {
  await expect.poll(() => sinceStart(one), { timeout: 120_000, interval: 100 }).toBeGreaterThan(seconds)
}

/** Returns the time until the next hand-over of any slice, in milliseconds. */
async function untilHandOver(one: Run): Promise<number> {
  const stored = await one.run.store.get(keys.control(one.plan.run))
  const fleet = fleetAt(one.plan, JSON.parse(stored?.body ?? '{}') as Control)
  const nowMs = (await sinceStart(one)) * 1000
  const waits = fleet.slices.map(({ slice }) => {
    for (let attempt = 0; ; attempt++) {
      const untilMs = turnOf(fleet, sliceOf(fleet, slice), attempt)?.untilMs ?? Number.POSITIVE_INFINITY
      if (untilMs > nowMs) return untilMs - nowMs
    }
  })
  return Math.min(...waits)
}

/**
 * Waits until no hand-over is in progress or about to begin. If the run is stopped during a hand-over, the time of the hand-over does not count as
 * delivered load.
 */
async function settled(one: Run): Promise<void> {
  do {
    await expect.poll(() => untilHandOver(one), { timeout: 120_000, interval: 50 }).toBeGreaterThan(4_000)
    // After these requests, every user runs in the current worker of its slice.
    await busy(one.target, 3)
  } while ((await untilHandOver(one)) < 3_000)
}

async function paused(
  target: UserTarget,
  intervalMs: number | undefined,
  during: (one: Run) => Promise<void>,
): Promise<Report> {
  let plan: RunPlan | undefined
  const { report } = await runLocal({
    scenario: scenario(target.origin),
    options: { workers: 2, seed: 'x', ...(intervalMs && { intervalMs }) },
    // On a busy machine, users may need more than 2 s to log out.
    plan: ({ timing, ...planned }) => {
      const times = { windowMs: intervalMs ? 5_000 : 1_000, flushMs: 500 }
      return (plan = { ...planned, ...times, timing: { ...timing, stopMs: 60_000 } })
    },
    during: async (run) => during({ run, plan: plan as RunPlan, target }),
  })
  return report
}

/** Returns the sum of all gaps of more than 150 ms between two consecutive requests of a user, in user-seconds. */
const silentUserSeconds = ({ byUser }: UserTarget): number => {
  const gaps = [...byUser.values()].flatMap((sent) => sent.slice(1).map(({ atMs }, k) => atMs - (sent[k]?.atMs ?? 0)))
  return gaps.filter((gapMs) => gapMs > 150).reduce((sum, gapMs) => sum + gapMs, 0) / 1000
}

const linesOf = (target: UserTarget, user: number): string[] =>
  target.byUser.get(String(user))?.map(({ line }) => line) ?? []

describe('a paused run', () => {
  test('a paused run sends no requests, even after a hand-over, and its users continue with their complete state after the pause', async () => {
    const target = await targets.start()
    let [pausedS, backS, silent, atBack] = [0, 0, 0, 0]
    const report = await paused(target, 10_000, async (one) => {
      await busy(target, 5)
      pausedS = (await pauseRun(place(one), one.plan)).fromMs / 1000
      // During this pause, the next worker of each slice takes over.
      await reached(one, pausedS + 1)
      silent = all(target).length
      await reached(one, pausedS + 11)
      expect(all(target)).toHaveLength(silent)
      expect((await one.run.snapshot())?.users).toBe(0)
      backS = ((await continueRun(place(one), one.plan)).back?.atMs ?? 0) / 1000
      await reached(one, backS - 0.2)
      expect(all(target)).toHaveLength(silent)
      atBack = performance.now() + 200
      await busy(target, 15)
      for (const slice of [0, 1]) {
        const claim = keys.claim(one.plan.run, slice, 2)
        await expect.poll(() => one.run.store.get(claim), { timeout: 60_000 }).toBeDefined()
      }
      await settled(one)
      await stopRun(place(one), one.plan.run, 'enough')
    })
    expect(report.users).toMatchObject({ started: users, begunAnew: 0 })
    expect(report.workers.every(({ attempts }) => attempts >= 3)).toBe(true)
    for (let user = 0; user < users; user++) {
      const [login, ...visits] = linesOf(target, user)
      expect(login).toBe('POST /login  -')
      expect(visits.at(-1)).toBe(`POST /logout  sid=${user}`)
      // Each user counts its visits without a gap or a repetition, so no user exists twice.
      expect(
        visits
          .slice(0, -1)
          .map((line) => /n=(\d+)&k=\d+ .* sid=(\d+)$|n=(\d+)&k=\d+  sid=(\d+)$/.exec(line)?.slice(1).filter(Boolean)),
      ).toEqual(visits.slice(0, -1).map((_, k) => [String(k + 1), String(user)]))
      const first = target.byUser.get(String(user))?.find(({ atMs }) => atMs > atBack - 1_000)?.atMs ?? 0
      expect(first - atBack).toBeGreaterThan((user / users) * 5_000 - 500)
    }
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.totals.exchanges + report.totals.interrupted).toBe(all(target).length)
    const inPause = report.seconds.filter(({ at }) => at > pausedS && at < backS)
    expect(inPause.length).toBeGreaterThan(10)
    expect(inPause.filter(({ plannedUsers, users, requests }) => plannedUsers + users + requests > 0)).toEqual([])
    const { plannedUserSeconds = NaN, deliveredUserSeconds = NaN } = report.load ?? {}
    // In the plan, the users are away during the pause and come back one after the other over 5 s. The other gaps between requests come from
    // hand-overs, which take longer on a busy machine.
    const awayUserSeconds = users * (backS - pausedS) + (5 * (users - 1)) / 2
    expect(plannedUserSeconds - deliveredUserSeconds).toBeLessThan(silentUserSeconds(target) - awayUserSeconds + 1)
    // Thresholds judge only the time outside the pause.
    expect(report.thresholds.map(({ passed }) => passed)).toEqual([true, true])
    expect(report.events).toEqual(
      expect.arrayContaining([
        { at: pausedS, text: 'the run is paused' },
        { at: backS, text: `the run continues: ${users} users come back over 5 s` },
      ]),
    )
  })

  test('a pause also applies to the replacement of a lost worker', async () => {
    const target = await targets.start()
    let [killed, silent] = [0, 0]
    const report = await paused(target, undefined, async (one) => {
      await busy(target, 5)
      const { fromMs } = await pauseRun(place(one), one.plan)
      await reached(one, fromMs / 1000 + 1)
      silent = all(target).length
      killed = target.byUser.get('1')?.[0]?.pid ?? 0
      process.kill(killed, 'SIGKILL')
      const claim = keys.claim(one.plan.run, 1, 1)
      await expect.poll(() => one.run.store.get(claim), { timeout: 60_000 }).toBeDefined()
      // Without the pause, the replacement worker would have started its users within 8 s.
      await reached(one, (await sinceStart(one)) + 8)
      expect(all(target)).toHaveLength(silent)
      await continueRun(place(one), one.plan)
      await busy(target, 5)
      await stopRun(place(one), one.plan.run, 'enough')
    })
    // The users of the killed worker log in again; all other users continue.
    for (let user = 0; user < users; user++) {
      const logins = linesOf(target, user).filter((line) => line.startsWith('POST /login'))
      expect(logins).toHaveLength(user % 2 === 0 ? 1 : 2)
    }
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 2])
    const lost = all(target).filter(({ pid }) => pid === killed).length
    const { exchanges, interrupted } = report.totals
    expect(exchanges + interrupted).toBeGreaterThanOrEqual(all(target).length - lost)
    expect(exchanges + interrupted).toBeLessThanOrEqual(all(target).length)
  })
})
