import { afterAll, describe, expect, test } from 'vitest'
import { type UserRequest, userTargets } from '../../../../targets/user-target.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

const targets = userTargets()
afterAll(targets.close)

/** Runs two users with several lives. `logout` is the path of the last request of a life. */
async function livesOf(load: string, logout: string, stopTimeoutMs: number) {
  const { origin, byUser } = await targets.start()
  const scenario = `import { HttpUser, hold, pacing, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = pacing('200ms')
  tasks = { go: 1 }
  async onStart() {
    this.http.headers.set('x-user', String(this.index))
    await this.http.post('/login')
  }
  async go() { await this.http.get('/go') }
  async onStop() { await this.http.post('${logout}') }
}
export default scenario({ host: '${origin}', users: [Shopper], load: [${load}] })`
  const result = await runSlice({ scenario, host: origin, options: { stopTimeoutMs } })
  return { result, users: [...byUser.values()] }
}

const twoLives = `ramp(2, '0s'), hold('1500ms'), ramp(0, '0s'), hold('100ms'), ramp(2, '0s'), hold('3500ms')`

/** Returns the requests that a user sends in onStart and onStop. */
const hooksOf = (requests: readonly UserRequest[]): UserRequest[] =>
  requests.filter(({ line }) => line.startsWith('POST'))
const pathsOf = (requests: readonly UserRequest[]): string[] =>
  hooksOf(requests).map(({ line }) => line.split(' ')[1] ?? '')
const leftUs = ({ window }: SliceRunResult): number =>
  [...window.seconds.values()].reduce((sum, second) => sum + second.leftUs, 0)

describe.concurrent('a new life of a user', () => {
  test('if the previous life of a user has not ended, the next life begins late, and until then the user counts as a user that has left', async () => {
    const { result, users } = await livesOf(twoLives, '/slow/2000', 10_000)
    expect(users).toHaveLength(2)
    for (const requests of users) {
      expect(pathsOf(requests)).toEqual(['/login', '/slow/2000', '/login', '/slow/2000'])
      const [, logout, login] = hooksOf(requests)
      expect(login?.atMs).toBeGreaterThan(logout?.answeredMs ?? Infinity)
    }
    expect(leftUs(result)).toBeGreaterThan(0)
    expect([...result.window.errors.keys()]).toEqual([])
  }, 60_000)

  test('a new life of a user begins after the stop timeout if the previous life does not end', async () => {
    const { result, users } = await livesOf(twoLives, '/hang', 500)
    for (const requests of users) expect(pathsOf(requests)).toEqual(['/login', '/hang', '/login', '/hang'])
    expect(result.window.requests.get('POST /hang')?.interrupted).toBe(4)
  }, 60_000)

  test('a new life of a user does not begin if the previous life ends after the planned end of the new life', async () => {
    const load = `ramp(2, '0s'), hold('1s'), ramp(0, '0s'), hold('100ms'), ramp(2, '0s'), hold('100ms')`
    const { result, users } = await livesOf(load, '/slow/3000', 10_000)
    for (const requests of users) expect(pathsOf(requests)).toEqual(['/login', '/slow/3000'])
    expect([...result.window.errors.keys()]).toEqual([])
  }, 60_000)
})
