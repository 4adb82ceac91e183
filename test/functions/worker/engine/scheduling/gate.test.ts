import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { type Pause, dueAfterPauses, withPause } from '../../../../../core/fleet/changes/pause.ts'
import { arrivalsBefore } from '../../../../../core/plan/load/load.ts'
import type { RunPlan } from '../../../../../core/plan/plan.ts'
import { continueRun, pauseRun } from '../../../../../functions/control/pause-run.ts'
import { readersOf, startFeedTarget } from '../../../../targets/feed-target.ts'
import { type UserRequest, type UserTarget, startUserTarget } from '../../../../targets/user-target.ts'
import { runSlice } from '../../slice-run.ts'

const targets: Pick<UserTarget, 'close'>[] = []
afterAll(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

const clock = { nowMs: () => Date.now(), sleep: async (ms: number) => sleep(ms) }
const head = `import { HttpUser, arrivals, constant, hold, pacing, ramp, scenario } from 'burst'`

/** The time between two iterations of a user, in milliseconds. */
const slotMs = 250

const shopping = (host: string): string => `class Shopper extends HttpUser {
  static count = 6
  wait = pacing('${slotMs}ms')
  tasks = { go: 1 }
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    await this.http.post('/login')
  }
  async go() { await this.http.get('/go') }
  async onStop() { await this.http.post('/logout') }
}
class Refused extends HttpUser {
  static count = 1
  tasks = { go: 1 }
  async onStart() {
    await this.http.post('/refused', { headers: { 'x-user': 'refused' } }).expect(201)
  }
  async go() {}
}
export default scenario({
  host: '${host}', users: [Shopper, Refused],
  // Without the pause, users 3 to 6 would stop at 4 s and start again at 6 s.
  load: [ramp(7, '0s'), hold('4s'), ramp(3, '0s'), hold('2s'), ramp(7, '0s'), hold('10s')],
})`

/** Runs a slice that is paused at 3 s (or a little later) and continues about 5 s later. Times are milliseconds since the start. */
async function pausedSlice(scenario: (host: string) => string) {
  const target = await startUserTarget()
  targets.push(target)
  const { startMs, ...run } = await pausedRun(target.origin, `${head}\n${scenario(target.origin)}`)
  const sent = new Map(
    [...target.byUser].map(([user, all]) => [
      user,
      all.map((one) => ({ ...one, atMs: one.atMs - startMs, answeredMs: one.answeredMs - startMs })),
    ]),
  )
  return { ...run, sent }
}

interface Waited {
  /** Returns true if the run may be paused. Default: the run may be paused at any time. */
  mayPause?: () => boolean
  /** Returns true if the run may be stopped after the pause. Default: the run ends by itself. */
  mayStop?: () => boolean
}

async function pausedRun(host: string, scenario: string, { mayPause = () => true, mayStop }: Waited = {}) {
  const seen: { plan?: RunPlan; pause?: Pause } = {}
  let startMs = 0
  const { window } = await runSlice({
    scenario,
    host,
    options: { stopTimeoutMs: 2_000 },
    plan: (planned) => (seen.plan = planned),
    during: async ({ store, startAt, stop }) => {
      startMs = performance.now() + startAt - Date.now()
      const until = (ms: number) => sleep(Math.max(0, startAt + ms - Date.now()))
      await until(1_500)
      while (!mayPause()) await sleep(50)
      const place = { store, clock }
      const { fromMs } = await pauseRun(place, seen.plan as RunPlan)
      await until(fromMs + 3_500)
      seen.pause = await continueRun(place, seen.plan as RunPlan)
      if (!mayStop) return
      while (!mayStop()) await sleep(50)
      await stop()
    },
  })
  return { plan: seen.plan as RunPlan, pause: seen.pause as Pause, startMs, window }
}

/** Returns the requests that arrived during the pause, except requests that were in flight when the pause began. */
const within = (sent: readonly UserRequest[], { fromMs, back }: Pause): string[] =>
  sent.filter(({ atMs }) => atMs > fromMs + 300 && atMs < (back?.atMs ?? 0)).map(({ line }) => line)

/**
 * Returns the GETs of a user's first life that arrived after the pause. `byMs` is the time from the arrival of a GET to its slot, and is negative if
 * the GET arrived after its slot. After the pause, the slots are later by the time for which the pause held the user. A user that was behind its
 * slots is held from the beginning of the pause. Any other user is held from the first slot in the pause. The slots are counted from the start of
 * the run, because a user that was delayed before the pause may catch up after the pause.
 */
function slotsAfter(requests: readonly UserRequest[], user: string, pause: Pause): { slot: number; byMs: number }[] {
  const comesBackMs = dueAfterPauses([pause], Number(user), pause.fromMs)
  const life = requests.slice(
    0,
    requests.findIndex(({ line }) => line.includes('/logout')),
  )
  const slots = life.filter(({ line }) => line.startsWith('GET'))
  const next = slots.filter(({ atMs }) => atMs < comesBackMs).length
  const heldMs = comesBackMs - Math.max(pause.fromMs, next * slotMs)
  return slots.map(({ atMs }, slot) => ({ slot, byMs: slot * slotMs + heldMs - atMs })).slice(next)
}

describe.concurrent('the scheduling of users while a run is paused', () => {
  test('during a pause, users do not start or stop and do not try onStart again, and pacing does not catch up after the pause', async () => {
    const { pause, sent, window } = await pausedSlice(shopping)
    const backMs = pause.back?.atMs ?? 0
    const all = [...sent.values()].flat()
    expect(within(all, pause)).toEqual([])
    const shoppers = [...sent].filter(([user]) => user !== 'refused')
    expect(shoppers).toHaveLength(6)
    const lagMs = Math.max(...[...window.workers.values()].map(({ lag }) => lag.percentileMs(100) ?? 0))
    for (const [user, requests] of shoppers) {
      const hooks = requests.map(({ line }) => line.split(' ')[1]).filter((path) => path !== '/go')
      const lives = Number(user) < 3 ? 1 : 2
      expect([user, hooks]).toEqual([user, Array.from({ length: lives }, () => ['/login', '/logout']).flat()])
      const slots = slotsAfter(requests, user, pause)
      expect([user, slots.filter(({ byMs }) => byMs > slotMs / 2 + lagMs)]).toEqual([user, []])
      // A user with a single life has more than 12 slots after the pause. A user with two lives has fewer slots, because its first life ends earlier.
      expect([user, slots.length > 12]).toEqual([user, lives === 1])
    }
    expect((sent.get('refused') ?? []).length).toBeGreaterThan(2)
    const counted = [...window.seconds].filter(([at]) => at * 1000 > pause.fromMs + 1_000 && at * 1000 < backMs)
    expect(counted.filter(([, { users, userUs }]) => users + userUs > 0)).toEqual([])
  })

  test('during a pause, event streams end, WebSocket connections stay open but are not read, and bodies are read to their end', async () => {
    const feed = await startFeedTarget()
    targets.push(feed)
    const times = (what: string): number => feed.log.filter((one) => one.what === what).length
    // The run has no time limit that a busy machine could exceed: it is paused and stopped when the target has received the expected requests.
    const { pause, startMs, window } = await pausedRun(
      feed.origin,
      readersOf(feed.origin, `[ramp(3, '0s'), hold('10m')]`),
      {
        mayPause: () => ['events open', 'chat open', 'body open'].every((what) => times(what) > 0),
        mayStop: () => times('events open') > 1,
      },
    )
    const backMs = pause.back?.atMs ?? 0
    const of = (user: string): { what: string; atMs: number }[] =>
      feed.log.filter((one) => one.user === user).map(({ what, atMs }) => ({ what, atMs: atMs - startMs }))
    const names = (user: string): string[] => of(user).map(({ what }) => what)
    expect(names('reader')).toEqual(['login', 'events open', 'events closed', 'events open', 'events closed', 'logout'])
    const [, , closed, opened] = of('reader')
    expect(closed?.atMs).toBeGreaterThan(pause.fromMs - 100)
    expect(closed?.atMs).toBeLessThan(pause.fromMs + 1_500)
    expect(opened?.atMs).toBeGreaterThan(backMs - 100)
    expect(names('member').toSorted()).toEqual(['chat closed 1001', 'chat open', 'login', 'logout'])
    expect(names('loader')).not.toContain('body cut')
    const begun = of('loader').filter(({ what }) => what === 'body open')
    expect(begun.some(({ atMs }) => atMs < pause.fromMs)).toBe(true)
    expect(begun.filter(({ atMs }) => atMs > pause.fromMs + 300 && atMs < backMs - 100)).toEqual([])
    const counted = [...window.seconds].filter(([at]) => at * 1000 > pause.fromMs + 3_000 && at * 1000 < backMs)
    expect(counted.filter(([, { users }]) => users > 0)).toEqual([])
    expect([...window.errors.keys(), ...window.exceptions.keys()]).toEqual([])
  })

  test('during a pause, no arrival is due, and each planned arrival is started or dropped after the pause', async () => {
    const { plan, pause, sent, window } = await pausedSlice(
      (host) => `class Visitor extends HttpUser {
  tasks = { go: 1 }
  async go() { await this.http.get('/go') }
}
export default scenario({ host: '${host}', users: [Visitor], load: [arrivals(20, '14s')] })`,
    )
    const all = [...sent.values()].flat()
    expect(within(all, pause)).toEqual([])
    const due = arrivalsBefore(withPause(plan.profile, pause), 14_000)
    expect(due).toBe(20 * (14 - ((pause.back?.atMs ?? 0) - pause.fromMs) / 1000))
    const { started, droppedGenerator, droppedPool } = window.arrivals
    expect(started + droppedGenerator + droppedPool).toBe(due)
    expect(all).toHaveLength(started)
    expect(all.some(({ atMs }) => atMs > (pause.back?.atMs ?? 0))).toBe(true)
  })
})
