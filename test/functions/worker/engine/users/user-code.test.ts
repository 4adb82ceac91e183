import { type TestContext, describe, expect, test } from 'vitest'
import { ownTarget } from '../../../../targets/own-target.ts'
import { type ClassRun, requestsIn, runClasses } from '../../class-run.ts'

/** Runs the user classes of a test against a separate target. */
const own = async ({ onTestFinished }: TestContext) => {
  const target = await ownTarget(onTestFinished, { jitterMs: 5 })
  return { target, run: (classes: string, more: ClassRun = {}) => runClasses(target, classes, more) }
}

describe.concurrent('ordinary code of users', () => {
  test('requests from page objects, from Promise.all and from code with several awaits are counted like single requests', async (context) => {
    const { run, target } = await own(context)
    const { window } = await run(`
class Page { constructor(readonly user: U) {} async open(id: number) { await null; return this.user.http.get('/p/:id', { params: { id } }).expect(200) } }
class U extends HttpUser {
  @task async all() {
    const page = new Page(this)
    await page.open(1); await null; await Promise.resolve(); await page.open(2)
    const both = await Promise.all([this.http.get('/a'), this.http.get('/b'), page.open(3), this.http.get('/c').text()])
    if (both.length !== 4) throw new Error('not all came back')
    for await (const n of (async function* () { yield 4; yield 5 })()) await page.open(n)
  }
}`)
    expect(requestsIn(window)).toEqual({ 'GET /p/:id': 5, 'GET /a': 1, 'GET /b': 1, 'GET /c': 1 })
    expect(window.exceptions.size).toBe(0)
    expect(target.counts().connectionsPeak).toBe(4)
  })

  test('if a user sends more than six parallel requests to an origin, the additional requests wait for a connection, as in a browser', async (context) => {
    const { run, target } = await own(context)
    const { window } = await run(`
class U extends HttpUser { @task async all() { await Promise.all(Array.from({ length: 20 }, () => this.http.get('/delay/20', { name: 'many' }))) } }`)
    expect(window.requests.get('GET many')?.requests).toBe(20)
    expect(target.counts().connectionsPeak).toBe(6)
  })

  test('burst awaits the requests that a task does not await, and reports this once per task', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `class U extends HttpUser {
  tasks = { forgetful: 1, early: 1, careful: 1 }
  async forgetful() { void this.http.get('/delay/30'); this.http.get('/status/500').expect(200) }
  async early() { this.http.get('/status/404').expect(200); await this.http.get('/delay/300') }
  async careful() {
    const [later, all, text] = [this.http.get('/l'), [this.http.get('/l'), this.http.get('/l')], this.http.get('/l').text()]
    await this.sleep('300ms')
    await later; await Promise.all(all); await text
    await this.http.get('/l').finally(() => undefined)
  }
}`,
      { options: { iterations: 24 } },
    )
    const { 'GET /delay/30': forgotten, 'GET /status/404': early, 'GET /l': careful } = requestsIn(window)
    for (const count of [forgotten, early, careful]) expect(count).toBeGreaterThan(0)
    expect([...window.notices.keys()].toSorted()).toEqual([
      'task early of U does not await all its requests',
      'task forgetful of U does not await all its requests',
    ])
    expect(window.exceptions.size).toBe(0)
  })

  test('a timer and 10,000 microtasks of the scenario delay other users only while the timer or the microtasks run', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `
class Flood extends HttpUser { static count = 1; wait = constant('20ms')
  @task async flood() { for (let k = 0; k < 10_000; k++) await null; await foreignSleep(20); await this.http.get('/flood') } }
class Quiet extends HttpUser { wait = constant('10ms')
  @task async quiet() { await this.http.get('/quiet') } }`,
      { names: 'Flood, Quiet', options: { users: 6, iterations: 20 } },
    )
    expect(requestsIn(window)).toEqual({ 'GET /flood': 20, 'GET /quiet': 100 })
    expect(window.exceptions.size).toBe(0)
  })
})

describe.concurrent('exceptions of user code', () => {
  test('an exception is counted with the line that threw it, and the user continues after a pause', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `class U extends HttpUser {
  @task async broken() {
    await this.http.get('/before')
    throw new Error('my own bug')
  }
}`,
      { options: { iterations: 3 } },
    )
    const [exception] = [...window.exceptions.values()]
    expect(exception).toMatchObject({ message: 'Error: my own bug', count: 3 })
    expect(exception?.stack).toMatch(/test\.burst\.ts:6/)
    expect(window.iterations.get('U\tbroken')).toMatchObject({ count: 3, failed: 3 })
    expect(window.users.harmed).toBe(1)
  })

  test('the worker continues after an exception in a timer, in a wait function, or in a promise that no code awaits', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `class U extends HttpUser {
  wait = () => { throw new Error('from wait') }
  @task async wild() {
    void Promise.reject(new Error('nobody awaits me'))
    setTimeout(() => { throw new Error('from a timer') }, 1)
    await this.http.get('/x'); await foreignSleep(10)
  }
}`,
      { options: { iterations: 2 } },
    )
    expect([...window.exceptions.keys()].toSorted()).toEqual([
      'Error: from a timer',
      'Error: from wait',
      'Error: nobody awaits me',
    ])
    expect(requestsIn(window)).toEqual({ 'GET /x': 2 })
  })

  test('after an exception in onStart, the user tries onStart again, and both the failed try and the started user are counted', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `let tries = 0
class U extends HttpUser {
  async onStart() { await this.http.get('/login'); if (++tries < 2) throw new Error('not yet') }
  @task async go() { await this.http.get('/in') }
}`,
    )
    expect(window.users).toMatchObject({ failedToStart: 1 })
    expect(window.users.startedByClass.get('U')).toBe(1)
    expect(requestsIn(window)).toEqual({ 'GET /login': 2, 'GET /in': 1 })
  })
})

test.concurrent('a header that cannot be sent and an invalid wait are mistakes of the scenario, and each is reported in one sentence', async (context) => {
  const { run } = await own(context)
  const { window } = await run(
    `class U extends HttpUser {
  wait = () => null as never
  @task async go() { await this.http.get('/x', { headers: { 'x-name': 'Zoë 😀' } }) }
}`,
    { options: { iterations: 2 } },
  )
  expect([...window.exceptions.keys()].toSorted()).toEqual([
    "RangeError: wait() of class U returned null; it must return a number of seconds, or a duration like '500ms'",
    "TypeError: header 'x-name' has a character that HTTP does not allow: encode the value, for example with encodeURIComponent()",
  ])
  expect(window.requests.size).toBe(0)
})

describe.concurrent('the members of a user', () => {
  test('http, random, index, vars and data of a user exist before the fields of its class are initialised', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `class U extends HttpUser {
  label = 'user ' + this.index + ' ' + this.vars.region + ' ' + typeof this.http.get + ' ' + String(this.data)
  @task async go() { await this.http.get('/x').check(this.label, () => true) }
}`,
      { options: { users: 1, iterations: 1, vars: { region: 'eu' } } },
    )
    expect([...window.checks.keys()]).toEqual(['user 0 eu function undefined'])
  })

  test('steps and records are timed and counted separately from the requests', async (context) => {
    const { run } = await own(context)
    const { window } = await run(`class U extends HttpUser {
  @task async journey() {
    await this.step('buy', async () => { await this.http.get('/a'); await this.sleep('20ms') })
    await this.step('fail', async () => { throw new Error('no') }).catch(() => undefined)
    this.record({ method: 'WS', name: 'ping', ms: 12.5, bytes: 3 })
    this.record({ method: 'WS', name: 'ping', ms: 7, error: 'lost' })
  }
}`)
    expect(window.steps.get('buy')).toMatchObject({ count: 1, failed: 0 })
    expect(window.steps.get('buy')?.duration.minUs).toBeGreaterThanOrEqual(20_000)
    expect(window.steps.get('fail')).toMatchObject({ count: 1, failed: 1 })
    expect(window.metrics.get('WS ping')).toMatchObject({ count: 2, failures: 1, bytes: 3 })
  })

  test('names and messages are counted separately up to a limit; above it, new ones are counted together, and known ones stay separate', async (context) => {
    const { run } = await own(context)
    const { window } = await run(`class U extends HttpUser {
  @task async many() {
    const request = this.http.get('/a')
    for (let k = 0; k < 600; k++) request.check('check ' + k, () => true)
    await request
    for (const k of [...Array(600).keys(), 0]) await this.step('step ' + k, async () => {})
    for (const k of [...Array(600).keys(), 0]) this.record({ method: 'WS', name: 'name ' + k, ms: 1 })
    for (const k of [...Array(250).keys(), 0]) void Promise.reject(new Error('no ' + k))
    await this.sleep('50ms')
  }
}`)
    expect([window.checks.size, window.steps.size, window.metrics.size]).toEqual([501, 501, 501])
    expect(window.steps.get('(other names)')?.count).toBe(100)
    expect(window.steps.get('step 0')?.count).toBe(2)
    expect(window.metrics.get('(other names)')).toMatchObject({ method: '*', count: 100 })
    expect(window.metrics.get('WS name 0')).toMatchObject({ name: 'name 0', count: 2 })
    expect(window.exceptions.get('Error: no 0')?.count).toBe(2)
    expect(window.exceptions.get('Error: no # (others like it)')?.count).toBe(50)
  })

  test('if a check draws a row, the row is drawn for the user that sent the request', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `const rows = csv('ids.csv', ['id']).unique({ recycle: true })
class U extends HttpUser {
  @task async go() { await this.http.get('/a').check('own row', () => rows.next().id === String(this.index)) }
}`,
      {
        more: `, connections: 'shared'`,
        options: { users: 8, iterations: 20 },
        files: { 'ids.csv': `id\n${[...Array(8).keys()].join('\n')}\n` },
      },
    )
    expect(window.checks.get('own row')).toEqual({ passed: 160, failed: 0 })
  })

  test('each row of a unique feed goes to one user, and a user stops when no rows are left', async (context) => {
    const { run, target } = await own(context)
    const { window } = await run(
      `const rows = csv('rows.csv', ['id']).unique()
const lines = json<{ n: number }>('lines.json').sequential()
class U extends HttpUser {
  @task async go() { await this.http.get('/row/' + rows.next().id + '/' + lines.next().n, { name: 'row' }) }
}`,
      {
        names: 'U',
        files: { 'rows.csv': 'id,other\n1,x\n2,x\n3,x\n4,x\n5,x\n', 'lines.json': '[{"n":1},{"n":2}]' },
        options: { users: 2, iterations: 3 },
      },
    )
    // Two users share five rows. The first user takes three rows. The second user takes two, and does not get a row for its third draw.
    const paths = Object.keys(target.counts().byPath ?? {}).toSorted()
    expect(paths).toEqual(['GET /row/1/1', 'GET /row/2/2', 'GET /row/3/2', 'GET /row/4/1', 'GET /row/5/1'])
    expect(window.users.exhausted).toBe(1)
    expect([...window.notices.keys()]).toContain('rows.csv has only 5 rows, but this user needs one more row')
  })

  test('tasks are drawn by weight, pauses follow `wait`, and the number of names is limited', async (context) => {
    const { run } = await own(context)
    const { window } = await run(
      `class U extends HttpUser {
  wait = between('1ms', '3ms')
  @task(9) async often() { await this.http.get('/url/' + this.random.int(1, 1e9)) }
  @task(1) async rarely() { await this.http.get('/rare') }
}`,
      { options: { users: 20, iterations: 60 } },
    )
    const often = window.iterations.get('U\toften')?.count ?? 0
    expect(often).toBeGreaterThan(1200 * 0.85)
    expect(often).toBeLessThan(1200 * 0.95)
    expect(window.requests.size).toBe(501)
    expect(window.requests.get('* (other names)')?.requests).toBeGreaterThan(400)
  })
})
