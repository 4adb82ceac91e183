import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { decodeControl } from '../../../../../core/fleet/control.ts'
import { keys } from '../../../../../functions/keys.ts'
import type { Store } from '../../../../../functions/ports.ts'
import { decodePart, unpacked } from '../../../../../functions/worker/engine/handover/carried-user.ts'
import { type UserTarget, userTargets } from '../../../../targets/user-target.ts'
import { type SliceRunInput, type SliceRunResult, runSlice } from '../../slice-run.ts'

const targets = userTargets()
afterAll(() => targets.close())

type During = Parameters<NonNullable<SliceRunInput['during']>>[0]

/**
 * Holds back the parts of a hand-over that `isHeld` selects: until `release` is called, the next worker cannot read these parts. The next worker
 * reads the parts in order, so it cannot read any later part either. `isHeld` gets the indexes of the users in the part. The previous worker writes
 * its parts without delay.
 */
class HeldHandOver {
  readonly #isHeld: (users: readonly number[]) => boolean
  readonly #held = new Set<string>()
  readonly #left = Promise.withResolvers<void>()
  /** Resolves when all users have left the previous worker. */
  readonly left = this.#left.promise
  readonly #stopRead = Promise.withResolvers<void>()

  constructor(isHeld: (users: readonly number[]) => boolean) {
    this.#isHeld = isHeld
  }

  store(own: Store): Store {
    return {
      list: (prefix) => own.list(prefix),
      delete: (key) => own.delete(key),
      put: async (key, body, condition) => {
        const part = key.startsWith(keys.handovers('r1')) ? decodePart(body) : undefined
        if (part && this.#isHeld(part.carried.map((user) => unpacked(user).index))) this.#held.add(key)
        const etag = await own.put(key, body, condition)
        if (part?.last) this.#left.resolve()
        return etag
      },
      get: async (key) => {
        if (this.#held.has(key)) return undefined
        const found = await own.get(key)
        if (key === keys.control('r1') && found && decodeControl(found.body).stop) this.#stopRead.resolve()
        return found
      },
    }
  }

  /** Stops the run during the hand-over, and lets the parts arrive after the next worker has noticed the stop. */
  async stopDuring({ stop }: During, how?: { now: true }): Promise<void> {
    await this.left
    await stop(how)
    await this.#stopRead.promise
    await sleep(300)
    this.release()
  }

  release(): void {
    this.#held.clear()
  }
}

const all = (): boolean => true
const ofUser0 = (users: readonly number[]): boolean => users.includes(0)

const scenario = (host: string, { wait = "'40ms'", more = '', load = '' }: Partial<Given>): string => `
import { HttpUser, arrivals, constant, hold, ramp, scenario } from 'burst'
class U extends HttpUser {
  wait = constant(${wait})
  tasks = { go: 1 }
  visits = 0
  begin() { this.http.headers.set('x-pid', String(globalThis.worker ??= Math.round(Math.random() * 1e9))) }
  async onStart() { this.http.headers.set('x-user', String(this.index)); this.begin(); await this.http.post('/login') }
  async go() { this.begin(); await this.http.get('/go', { query: { n: ++this.visits } }) }
  async onStop() { this.begin(); await this.http.post('/logout', { json: { visits: this.visits } }) }
  ${more}
}
export default scenario({ host: '${host}', users: [U]${load && `, load: ${load}`} })`

/** The iteration of user 0 lasts beyond the hand-over. All other users wait during the hand-over. */
const slowUser = {
  wait: "this.index === 0 ? '1ms' : '10m'",
  more: `async go() {
    this.begin()
    const [path, requests] = this.index === 0 ? ['/slow', 24] : ['/go', 1]
    for (let k = 0; k < requests; k++) await this.http.get(path, { query: { n: ++this.visits } })
  }`,
}

interface Given {
  target: UserTarget
  hold: HeldHandOver
  /** The waiting time of a user, as the argument of `constant`. Default: 40 ms. */
  wait?: string
  /** The code of more members of the user class. */
  more?: string
  load?: string
  timing?: Partial<SliceRunResult['plan']['timing']>
  during: SliceRunInput['during']
}

/** Runs two workers of one slice; the second worker takes over from the first worker after 8 s. */
async function handedOver({ target, hold, load, timing, during, ...more }: Given): Promise<SliceRunResult> {
  return runSlice({
    host: target.origin,
    scenario: scenario(target.origin, { ...more, ...(load && { load }) }),
    options: load === undefined ? { users: 3, runTimeMs: 600_000 } : {},
    plan: (plan) => ({
      ...plan,
      windowMs: 1_000,
      flushMs: 1_000,
      // On a busy machine, users may need more than 2 s to log out.
      timing: { ...plan.timing, drainMs: 60_000, stopMs: 60_000, ...timing },
      handOver: { intervalMs: 8_000, aheadMs: 8_000, waitMs: 60_000 },
    }),
    attempts: 2,
    where: ({ store }) => ({ store: hold.store(store) }),
    ...(during && { during }),
  })
}

const linesOf = ({ byUser }: UserTarget, user: string): string[] => byUser.get(user)?.map(({ line }) => line) ?? []

/**
 * Checks the requests of each user. The first request is the only login. The last request is the only logout, and contains the whole state of the
 * user. Returns the workers of each user.
 */
function checkLives(target: UserTarget): number[][] {
  expect([...target.byUser.keys()].toSorted()).toEqual(['0', '1', '2'])
  return [...target.byUser].map(([user, sent]) => {
    const lines = linesOf(target, user)
    const visits = lines.slice(1, -1)
    expect(lines[0]).toBe('POST /login  -')
    expect(visits).toEqual(
      visits.map((_, k) => expect.stringMatching(new RegExp(`^GET /\\w+\\?n=${k + 1} .*sid=${user}$`))),
    )
    expect(lines.at(-1)).toBe(`POST /logout {"visits":${visits.length}} sid=${user}`)
    return [...new Set(sent.map(({ pid }) => pid))]
  })
}

function checkCounts({ window, last }: SliceRunResult, target: UserTarget): void {
  const rows = [...window.requests.values()]
  const counted = rows.reduce((sum, { exchanges, interrupted }) => sum + exchanges + interrupted, 0)
  expect(counted).toBe([...target.byUser.values()].flat().length)
  expect(last.final).toBe(true)
  expect([...window.exceptions.keys()]).toEqual([])
}

test.concurrent('if the run is stopped before the users of a hand-over have arrived, each user runs onStop once, in the next worker', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(all)
  const result = await handedOver({ target, hold, during: (run) => hold.stopDuring(run) })
  expect(checkLives(target).map(({ length }) => length)).toEqual([2, 2, 2])
  expect(result.window.users).toMatchObject({ carried: 3, begunAnew: 0 })
  expect([...result.window.notices.keys()]).toEqual([])
  checkCounts(result, target)
})

test.concurrent('a user that finished its iteration in the previous worker, and arrives after a stop, runs onStop once', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(ofUser0)
  const result = await handedOver({ target, hold, ...slowUser, during: (run) => hold.stopDuring(run) })
  expect(checkLives(target).map(({ length }) => length)).toEqual([2, 2, 2])
  expect(result.window.users).toMatchObject({ carried: 3, begunAnew: 0 })
  expect([...result.window.notices.keys()]).toEqual([])
  checkCounts(result, target)
})

test.concurrent('pooled users that arrive after a stop run onStop, and serve no arrival', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(all)
  const load = "[arrivals(60, '10m', { maxUsers: 3 })]"
  const result = await handedOver({ target, hold, load, during: (run) => hold.stopDuring(run) })
  expect(checkLives(target).map(({ length }) => length)).toEqual([2, 2, 2])
  expect(result.window.users).toMatchObject({ carried: 3, begunAnew: 0 })
  checkCounts(result, target)
})

test.concurrent('if the life of users ends as planned during their hand-over, the users run onStop in the next worker', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(all)
  const during = async ({ startAt }: During): Promise<void> => {
    await hold.left
    await sleep(startAt + 14_500 - Date.now())
    hold.release()
  }
  const result = await handedOver({ target, hold, load: "[ramp(3, '0s'), hold('14s')]", during })
  expect(checkLives(target).map(({ length }) => length)).toEqual([2, 2, 2])
  expect(result.window.users).toMatchObject({ carried: 3, begunAnew: 0 })
  checkCounts(result, target)
})

test.concurrent('each user runs onStop once, even if its life ends at the moment of a hand-over', async ({
  expect,
}) => {
  const target = await targets.start()
  const hold = new HeldHandOver(() => false)
  const during = async ({ stop }: During): Promise<void> => {
    const hasLeft = (user: string): boolean => linesOf(target, user).at(-1)?.startsWith('POST /logout') === true
    await expect.poll(() => ['1', '2'].every(hasLeft), { timeout: 60_000 }).toBe(true)
    await stop()
  }
  const load = "[ramp(3, '0s'), hold('8s'), ramp(1, '0s'), hold('10m')]"
  const result = await handedOver({ target, hold, load, during })
  checkLives(target)
  checkCounts(result, target)
})

test.concurrent('if a user of a hand-over arrives after a stop and its onStop exceeds the stop timeout, the report counts the user', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(all)
  const more = "async onStop() { await this.http.post('/hang') }"
  const result = await handedOver({
    target,
    hold,
    more,
    timing: { stopMs: 5_000 },
    during: (run) => hold.stopDuring(run),
  })
  const text = 'onStop of a user of class U did not finish before burst had to end the user'
  expect([...result.window.notices]).toEqual([[text, 3]])
  expect(result.window.requests.get('POST /hang')).toMatchObject({ requests: 0, interrupted: 3 })
  checkCounts(result, target)
})

test.concurrent('if users of a hand-over do not arrive after a stop, the report counts these users, and the worker ends', async ({
  expect,
}) => {
  const target = await targets.start()
  const hold = new HeldHandOver(ofUser0)
  const text = 'onStop of a user may not have run: the user was being handed over, and did not arrive'
  const result = await handedOver({
    target,
    hold,
    ...slowUser,
    timing: { stopMs: 10_000 },
    during: async ({ stop, counted }) => {
      await hold.left
      await stop()
      try {
        await expect.poll(() => [...counted().notices], { timeout: 60_000 }).toEqual([[text, 1]])
      } finally {
        hold.release()
      }
    },
  })
  expect(['1', '2'].map((user) => linesOf(target, user).at(-1)?.split(' ')[1])).toEqual(['/logout', '/logout'])
  checkCounts(result, target)
})

test.concurrent('if the run is stopped immediately, users that arrive after the stop do not run onStop', async () => {
  const target = await targets.start()
  const hold = new HeldHandOver(ofUser0)
  const during = async (run: During): Promise<void> => hold.stopDuring(run, { now: true })
  const result = await handedOver({ target, hold, ...slowUser, during })
  expect([...target.byUser.values()].flat().filter(({ line }) => line.startsWith('POST /logout'))).toEqual([])
  expect([...result.window.notices.keys()]).toEqual([])
  checkCounts(result, target)
})
