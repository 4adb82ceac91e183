import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { project, runIn } from '../journey.ts'

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget({ record: true })
})
afterAll(() => target.close())

/** Returns the number of requests that the target received, for each path that begins with `prefix`. */
function received(prefix: string): Record<string, number> {
  const all = Object.entries(target.counts().byPath)
  return Object.fromEntries(all.filter(([key]) => key.split(' ')[1]?.startsWith(prefix)))
}

describe('a run with three workers and hooks', () => {
  let stdout: string
  let report: Report
  beforeAll(async () => {
    const folder = await project({
      'hooks.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { visit: 1 }
  async visit() {
    const { token } = this.data as { token: string }
    await this.http.get(('/hooks/' + token + '/' + this.vars['region']) as '/x')
  }
}
export default scenario({
  host: '${target.origin}', users: [Visitor], load: [ramp(6, '0s'), hold('1s')],
  beforeRun: async ({ host, vars }) => {
    await fetch(host + '/hooks/before/' + vars['region'])
    return { token: 'secret-' + vars['region'] }
  },
  afterRun: async ({ host, data }) => void (await fetch(host + '/hooks/after/' + (data as { token: string }).token)),
  onRequest: ({ method, name, status, ok, user, error }) => console.log('seen', method, name, status, ok, user, error),
})`,
    })
    ;({ stdout, report } = await runIn(folder, ['--workers', '3', '--var', 'region=eu', '--name', 'Hooks & <co>']))
  })

  test('beforeRun and afterRun each run once, and both the users and afterRun receive the result of beforeRun', () => {
    const { requests } = report.totals
    expect(received('/hooks/')).toEqual({
      'GET /hooks/before/eu': 1,
      'GET /hooks/secret-eu/eu': requests,
      'GET /hooks/after/secret-eu': 1,
    })
    // Each of the six users sent at least one request.
    expect(requests).toBeGreaterThanOrEqual(6)
    expect(report.workers.length).toBe(3)
  })

  test('onRequest is called for every request, and its output is printed', () => {
    const seen = stdout.match(/^\[worker [0-2]\] seen GET \/hooks\/secret-eu\/eu 200 true [0-5] null$/gm) ?? []
    expect(seen.length).toBe(report.totals.requests)
  })

  test('the run has the name from the command line', () => {
    expect(report.run.name).toBe('Hooks & <co>')
    expect(report.run.id).toMatch(/^\d{8}-\d{6}-hooks-co-[0-9a-f]{4}$/)
    expect(stdout).toContain('Hooks & <co>, http://')
  })
})

/** Creates a project whose user class also contains the code `more`. */
function visits(more: string, options = ''): Promise<string> {
  return project({
    'visits.burst.ts': `import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  ${more}
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [ramp(4, '0s'), hold('1s')] ${options} })`,
  })
}

describe('options', () => {
  const tagged = `
  @task(1, { tags: ['a'] }) async one() { await this.http.get('/tags/a') }
  @task(1, { tags: ['a', 'slow'] }) async two() { await this.http.get('/tags/slow') }
  @task async three() { await this.http.get('/tags/none') }`

  test('--tags selects the tasks that have one of the given tags, and --exclude-tags excludes the tasks that have one of the given tags', async () => {
    const { code, report } = await runIn(await visits(tagged), ['--tags', 'a', '--exclude-tags', 'slow'])
    expect(code).toBe(0)
    expect(received('/tags/')).toEqual({ 'GET /tags/a': report.totals.requests })
    expect(report.totals.requests).toBeGreaterThan(0)
  })

  test('with --iterations, each user runs the given number of iterations, and the run ends after the last iteration', async () => {
    const folder = await visits("@task async only() { await this.http.get('/iterations') }")
    const { report } = await runIn(folder, ['--iterations', '7', '-t', '10m'])
    expect(received('/iterations')).toEqual({ 'GET /iterations': 28 })
    expect(report.totals.requests).toBe(28)
    expect(report.iterations).toEqual([expect.objectContaining({ task: 'only', count: 28, failed: 0 })])
  })

  test('with the same --seed, users behave identically in every run, and the report contains the seed', async () => {
    const drawing = (run: string): Promise<string> =>
      visits(`@task async draw() {
        await this.http.get(('/drawn/' + this.random.int(1, 1e9)) as '/x', { headers: { 'x-user': '${run}-' + this.index } })
      }`)
    const draws = (run: string): string[][] =>
      [0, 1, 2, 3].map((user) => (target.records()[`${run}-${user}`] ?? []).map(({ path }) => path))
    const options = ['--iterations', '5', '-t', '60s']
    const [first] = await Promise.all([
      runIn(await drawing('first'), [...options, '--seed', 'monday']),
      runIn(await drawing('again'), [...options, '--seed', 'monday', '--workers', '1']),
      runIn(await drawing('other'), [...options, '--seed', 'tuesday']),
    ])
    expect(first.report.run.seed).toBe('monday')
    expect(draws('first').map((one) => one.length)).toEqual([5, 5, 5, 5])
    expect(draws('again')).toEqual(draws('first'))
    expect(draws('other')).not.toEqual(draws('first'))
  }, 120_000)

  test('with --json and --quiet, stdout contains only the report, even if users print text', async () => {
    const folder = await visits(`onStart() { console.log('{"not":"the report"}'); console.error('oh') }
      @task async visit() { await this.http.get('/printing') }`)
    const { stdout, stderr, report } = await runIn(folder, ['--json'])
    expect(JSON.parse(stdout)).toEqual(report)
    expect(stderr.match(/^\[worker \d\] \{"not":"the report"\}$/gm)?.length).toBe(4)
    const quiet = await runIn(folder, ['--json', '--quiet'])
    expect(JSON.parse(quiet.stdout)).toEqual(quiet.report)
  })

  test("with the option connections: 'shared', the users of a worker share a pool of connections; without this option, each user has its own connection", async () => {
    const own = await startCountingTarget()
    const shared = await startCountingTarget()
    const task = "@task async visit() { await this.http.get('/') }"
    // Each user sends one request, and the starts of the users are spread over 2 s. All requests are in flight at the same time only if the machine
    // stalls for 2 s.
    const load = ['--workers', '1', '-u', '40', '-r', '20', '-t', '60s', '--iterations', '1']
    await Promise.all([
      runIn(await visits(task), [...load, '-H', own.origin]),
      runIn(await visits(task, ", connections: 'shared'"), [...load, '-H', shared.origin]),
    ])
    expect(own.counts().perConnection.length).toBe(40)
    expect([own.counts().received, shared.counts().received]).toEqual([40, 40])
    expect(shared.counts().perConnection.length).toBeLessThan(40)
    await Promise.all([own.close(), shared.close()])
  })
})

describe('open arrivals', () => {
  const arrivals = (path: string, load: string, more = ''): Promise<string> =>
    project({
      'open.burst.ts': `import { HttpUser, arrivals, rampArrivals, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { visit: 1 }; async visit() { await this.http.get('${path}') } }
export default scenario({ host: '${target.origin}', users: [Visitor], ${load === '' ? '' : `load: [${load}],`} ${more} })`,
    })

  const told = (report: Report): NonNullable<Report['arrivals']> => {
    if (!report.arrivals) throw new Error('the report has no arrivals')
    return report.arrivals
  }

  test('arrivals keep their rate when the target is slow', async () => {
    const { report } = await runIn(await arrivals('/delay/4000', "arrivals(50, '2s')"), ['--workers', '2'])
    const { offered, started, dropped } = told(report)
    // When the machine stalls for more than 100 ms, burst drops some arrivals and counts them as `generator`.
    expect({ offered, sum: started + dropped.generator }).toEqual({ offered: 100, sum: 100 })
    expect(dropped).toMatchObject({ pool: 0, lost: 0 })
    expect(received('/delay/4000')).toEqual({ 'GET /delay/4000': started })
    // The last request is due before the first answer arrives. If arrivals waited for answers, each user would send only one request.
    expect(started).toBeGreaterThan(10)
    expect(report.totals.fromIntentMs.p50).toBeGreaterThanOrEqual(4000 * 0.999)
  })

  test.for([
    ["arrivals(5, '2s')", ['-t', '4s'], 20, '5 arrivals per second for 4 s'],
    ["rampArrivals(0, 10, '2s')", ['-t', '4s'], 30, 'ramp to 10 arrivals per second over 2 s, hold 2 s'],
    ['', ['--rate', '5', '-t', '3s'], 15, '5 arrivals per second for 3 s'],
  ] as const)(
    'a run with the load [%s] and the flags %j makes the %i arrivals of its plan',
    async ([load, flags, planned, words]) => {
      const { report, stdout } = await runIn(await arrivals(`/held/${planned}`, load), [...flags])
      expect(stdout).toContain(words)
      const { offered, started, dropped } = told(report)
      // When the machine stalls for more than 100 ms, burst drops some arrivals and counts them as `generator`.
      expect({ offered, sum: started + dropped.generator }).toEqual({ offered: planned, sum: planned })
      expect(report.totals.requests).toBe(started)
      expect(received('/held/')).toMatchObject({ [`GET /held/${planned}`]: started })
    },
  )

  test('arrivals are dropped and counted as `pool` when the target stalls and all users are busy', async () => {
    const load = "arrivals(40, '3s', { maxUsers: 10 })"
    const { report, stdout } = await runIn(await arrivals('/delay/2500', load, "thresholds: ['errors < 1%']"))
    const { offered, started, dropped } = told(report)
    expect({ offered, sum: started + dropped.pool + dropped.generator }).toEqual({ offered: 120, sum: 120 })
    expect(dropped.lost).toBe(0)
    expect(dropped.pool + dropped.generator).toBeGreaterThanOrEqual(100)
    expect(received('/delay/2500')).toEqual({ 'GET /delay/2500': started })
    // Each of the ten users is busy for 2.5 s per arrival, so each user starts at most two arrivals in 3 s.
    expect(started).toBeLessThanOrEqual(20)
    expect(stdout).toMatch(/dropped/)
    // The threshold holds, but most of the arrivals were not started. The first reason of the verdict says that all users were busy.
    expect([report.thresholds[0]?.passed, report.verdict.result]).toEqual([true, 'inconclusive'])
    expect(report.verdict.reasons[0]).toMatch(
      /of 120 arrivals \(\d+(?:\.\d+)? %\) were not started: \d+ because no user was free/,
    )
  })
})

describe('users', () => {
  test('users whose onStart always fails are counted separately and do not affect the remaining users', async () => {
    const folder = await project({
      'some.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Locked extends HttpUser { static count = 1; tasks = { visit: 1 }; async onStart() { throw new Error('no key') }; async visit() {} }
class Visitor extends HttpUser { wait = constant('50ms'); tasks = { visit: 1 }; async visit() { await this.http.get('/open') } }
export default scenario({ host: '${target.origin}', users: [Locked, Visitor], load: [ramp(4, '0s'), hold('1s')] })`,
    })
    const { report } = await runIn(folder)
    expect(report.users).toMatchObject({ byClass: { Locked: 0, Visitor: 3 }, started: 3, unharmed: 3 })
    expect(report.users.failedToStart).toBeGreaterThanOrEqual(1)
  })

  test('a user class with a fixed count has exactly this number of users, regardless of how many users the run has', async () => {
    const folder = await project({
      'fixed.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Admin extends HttpUser { static count = 1; wait = constant('50ms'); tasks = { visit: 1 }; async visit() { await this.http.get('/fixed/admin') } }
class Visitor extends HttpUser { wait = constant('50ms'); tasks = { visit: 1 }; async visit() { await this.http.get('/fixed/visitor') } }
export default scenario({ host: '${target.origin}', users: [Visitor, Admin], load: [ramp(3, '0s'), hold('1s')] })`,
    })
    const { report } = await runIn(folder, ['-u', '12', '--workers', '3'])
    expect(report.users.byClass).toEqual({ Admin: 1, Visitor: 11 })
  })

  test('in a second load spike, the users run onStart again; their cookies are new, but their rows of data are the same', async () => {
    const lives: { user: string; row: string; cookie: string | undefined; path: string }[] = []
    const server = createServer((request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '/', 'http://here')
      const { user = '', row = '' } = Object.fromEntries(url.searchParams)
      lives.push({ user, row, cookie: request.headers.cookie, path: url.pathname })
      if (url.pathname === '/login') response.setHeader('set-cookie', `session=${user}-${lives.length}`)
      response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const folder = await project({
      'rows.csv': `name\n${Array.from({ length: 9 }, (_, k) => `row${k}`).join('\n')}\n`,
      'spike.burst.ts': `import { HttpUser, constant, csv, hold, ramp, scenario } from 'burst'
const rows = csv('rows.csv', ['name']).unique()
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { visit: 1 }
  row = ''
  async onStart() { this.row = rows.next().name; await this.http.post('/login', { query: { user: this.index, row: this.row } }) }
  async visit() { await this.http.get('/visit', { query: { user: this.index, row: this.row } }) }
}
const spike = [ramp(4, '0s'), hold('800ms'), ramp(0, '0s'), hold('500ms')]
export default scenario({ host: 'http://127.0.0.1:${(server.address() as AddressInfo).port}', users: [Visitor], load: [...spike, ...spike] })`,
    })
    try {
      const { code, report } = await runIn(folder, ['--workers', '2'])
      expect(code).toBe(0)
      expect(report.users).toMatchObject({ started: 8, unharmed: 8 })
      for (const user of ['0', '1', '2', '3']) {
        const mine = lives.filter((one) => one.user === user)
        const logins = mine.filter((one) => one.path === '/login')
        expect(logins.map((one) => one.cookie)).toEqual([undefined, undefined])
        expect(new Set(mine.map((one) => one.row)).size).toBe(1)
        const sessions = new Set(mine.filter((one) => one.path === '/visit').map((one) => one.cookie))
        expect([...sessions]).toEqual([
          expect.stringMatching(`^session=${user}-\\d+$`),
          expect.stringMatching(`^session=${user}-\\d+$`),
        ])
      }
      expect(new Set(lives.map((one) => one.row)).size).toBe(4)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
