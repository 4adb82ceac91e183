import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { requestsIn, runClasses } from '../../class-run.ts'

let target: CountingTarget
beforeEach(async () => {
  target = await startCountingTarget()
})
afterEach(() => target.close())

test('a task may have the name of any member that burst defines on a user, and other tasks can still use that member', async () => {
  const { window } = await runClasses(
    target,
    `const names: string[] = []
class U extends HttpUser {
  tasks = { index: 1, vars: 1 }
  @task async tasks() { await this.http.get('/tasks') }
  @task async index() { await this.http.get('/index/:n', { params: { n: this.index } }) }
  @task async vars() { await this.http.get('/vars/' + this.vars.region, { name: '/vars' }) }
  @task async random() { await this.http.get('/random', { query: { n: this.random.int(1, 2) } }) }
  @task async http() { await this.http.get('/http') }
  @task async data() { await this.http.get('/data', { query: { data: String(this.data) } }) }
  @task async sleep() { await this.sleep('1ms'); await this.http.get('/sleep') }
  @task async step() { await this.step('a step', async () => this.http.get('/step')) }
  @task async record() { this.record({ method: 'WS', name: 'sent', ms: 1 }); await this.http.get('/record') }
  @task async stop() { await this.http.get('/stop') }
  @task async ws() { await this.ws('nowhere').catch((error: Error) => this.http.get('/ws', { query: { said: error.message } })) }
  @task async wait() { await this.http.get('/wait') }
  field = async () => { await this.http.get('/field') }
}
class Paced extends U { wait = constant('1ms'); tasks = { field: 3, wait: 3 } }`,
    { names: 'U, Paced', options: { users: 8, iterations: 40, vars: { region: 'eu' } } },
  )
  expect([...window.exceptions.keys()]).toEqual([])
  const sent = [
    'index/:n',
    'vars',
    'random',
    'http',
    'data',
    'sleep',
    'step',
    'record',
    'stop',
    'ws',
    'wait',
    'field',
    'tasks',
  ]
  expect(Object.keys(requestsIn(window)).toSorted()).toEqual(sent.map((name) => `GET /${name}`).toSorted())
  expect(window.steps.get('a step')?.count).toBe(window.requests.get('GET /step')?.requests)
  expect(window.metrics.get('WS sent')?.count).toBe(window.requests.get('GET /record')?.requests)
})

test('if a check or an expectation calls this.stop(), the user leaves at its next call, and the check does not count as failed', async () => {
  const { window } = await runClasses(
    target,
    `class U extends HttpUser {
  continued = 0
  @task async go() {
    const request = this.http.get('/a')
    await (this.index === 0 ? request.check('leaves', () => this.stop()) : request.expect(async () => this.stop()))
    this.continued++
    await this.http.get('/never')
    this.continued++
  }
  async onStop() { await this.http.get('/bye/' + this.continued) }
}`,
    { options: { users: 2, iterations: 9 } },
  )
  expect(requestsIn(window)).toEqual({ 'GET /a': 2, 'GET /bye/1': 2 })
  expect([...window.exceptions.keys(), ...window.errors.keys(), ...window.checks.keys()]).toEqual([])
})

test('wait may be a method of the class, and this method can use the members of the user', async () => {
  const { window } = await runClasses(
    target,
    `class U extends HttpUser {
  pauses = 0
  wait() { return ++this.pauses / 1000 + this.random.int(0, 1) / 1000 }
  @task async go() { await this.http.get('/' + this.pauses) }
}`,
    { options: { iterations: 3 } },
  )
  expect([...window.exceptions.keys()]).toEqual([])
  expect(requestsIn(window)).toEqual({ 'GET /0': 1, 'GET /1': 1, 'GET /2': 1 })
})

test('this.stop() in a task, a step or onStart makes the user leave: onStop runs, and the user does not count as failed', async () => {
  const { window } = await runClasses(
    target,
    `class Guest extends HttpUser {
  visits = 0
  async onStart() { if (this.index === 0) this.stop() }
  @task async visit() {
    await this.http.get('/visit')
    if (++this.visits === 3) await this.step('last', async () => { this.stop() })
    if (this.visits > 3) throw new Error('it goes on')
  }
  async onStop() { await this.http.get('/bye') }
}
class Other extends HttpUser {
  static count = 1
  wait = constant('5ms')
  @task async stay() { try { this.stop() } catch {}; await this.http.get('/never') }
}`,
    { names: 'Guest, Other', options: { users: 5, iterations: 50 } },
  )
  // One of the users 0 and 1 belongs to the class `Other`. All remaining users are guests. If user 0 is a guest, user 0 leaves immediately.
  const requests = requestsIn(window)
  const guests = requests['GET /bye'] as number
  expect(guests).toBe(4)
  expect(requests['GET /visit']).toBeOneOf([3 * guests, 3 * (guests - 1)])
  expect(requests['GET /never']).toBeUndefined()
  expect([...window.exceptions.keys()]).toEqual([])
  expect(window.users).toMatchObject({ failedToStart: 0, harmed: 0 })
  expect(window.iterations.get('Guest\tvisit')).toMatchObject({ failed: 0, count: requests['GET /visit'] })
  expect(window.steps.get('last')).toMatchObject({ failed: 0 })
})
