import { expect, test } from 'vitest'
import { startCountingTarget } from '../../../../targets/counting-target.ts'
import { runSlice } from '../../slice-run.ts'

test('if the user pool is full, an idle user of one class leaves the pool to make room for an arrival of another class', async () => {
  const target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `import { HttpUser, arrivals, scenario, task } from 'burst'
class Buyer extends HttpUser { @task async buy() { await this.http.get('/buy') } async onStop() { await this.http.get('/bye') } }
class Reader extends HttpUser { @task async read() { await this.http.get('/read') } }
export default scenario({ host: '${target.origin}', users: [Buyer, Reader], load: [arrivals(8, '4s', { maxUsers: 1 })] })`,
    host: target.origin,
  })
  await target.close()
  const { started, droppedPool, droppedGenerator } = window.arrivals
  expect(started + droppedPool + droppedGenerator).toBe(32)
  expect(window.requests.get('GET /buy')?.requests).toBeGreaterThan(1)
  expect(window.requests.get('GET /read')?.requests).toBeGreaterThan(1)
  // A user that leaves the pool runs onStop.
  expect(window.requests.get('GET /bye')?.requests).toBe(window.users.startedByClass.get('Buyer'))
  expect(target.counts().received).toBe(
    [...window.requests.values()].reduce((sum, { exchanges }) => sum + exchanges, 0),
  )
})

test('users in onStop count towards maxUsers', async () => {
  const target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `import { HttpUser, arrivals, scenario, task } from 'burst'
let here = 0
class Fresh extends HttpUser {
  async onStart() { if (++here > 4) throw new Error('too many') }
  @task async go() { await this.http.get('/') }
  async onStop() { await this.http.get('/delay/700'); here-- }
}
class Other extends Fresh {}
export default scenario({ host: '${target.origin}', users: [Fresh, Other], load: [arrivals(40, '2s', { maxUsers: 4, freshUser: true })] })`,
    host: target.origin,
  })
  await target.close()
  const { started, droppedPool, droppedGenerator } = window.arrivals
  expect(started + droppedPool + droppedGenerator).toBe(80)
  // Each of the four users is busy for 700 ms. An arrival may be late by 100 ms, so in 2.1 s each user serves at most four arrivals.
  expect(started).toBeGreaterThan(0)
  expect(started).toBeLessThanOrEqual(4 * 4)
  expect([...window.exceptions.keys()]).toEqual([])
})

test('an arrival that is dropped is counted in the second for which it was planned', async () => {
  const target = await startCountingTarget()
  const { window } = await runSlice({
    scenario: `import { HttpUser, arrivals, scenario, task } from 'burst'
class Slow extends HttpUser { @task async stay() { await this.http.get('/'); await this.sleep('1m') } }
export default scenario({ host: '${target.origin}', users: [Slow], load: [arrivals(5, '2s', { maxUsers: 1 })] })`,
    host: target.origin,
  })
  await target.close()
  const { started, droppedPool, droppedGenerator } = window.arrivals
  expect([started, droppedPool + droppedGenerator]).toEqual([1, 9])
  const dropped = [...window.seconds].filter(([, second]) => second.dropped > 0)
  // Five arrivals are due in each of two seconds. Only one arrival starts, so one second has four dropped arrivals and the other second has five.
  expect(dropped.map(([at]) => at).toSorted((a, b) => a - b)).toEqual([0, 1])
  expect(dropped.map(([, second]) => second.dropped).toSorted((a, b) => a - b)).toEqual([4, 5])
})
