import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { burst } from '../command-line.ts'
import { project, runIn } from '../journey.ts'

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget()
})
afterAll(() => target.close())

const good = `import { HttpUser, arrivals, csv, hold, ramp, scenario } from 'burst'
const rows = csv('rows.csv', ['id']).unique()
class Visitor extends HttpUser {
  static weight = 2
  tasks = { visit: 1 }
  async visit() { await this.http.get('/row/:id', { params: rows.next() }) }
}
export default scenario({
  host: 'HOST',
  users: [Visitor],
  load: [ramp(3, '0s'), hold('1s')],
  thresholds: ['GET /row/:id: p95 < 1s'],
})
`
const files = (scenario: string): Record<string, string> => ({
  'visit.burst.ts': scenario.replace('HOST', target.origin),
  'rows.csv': 'id\n1\n2\n3\n',
})

test.each([
  ['a syntax error', 'async visit() {', 'async visit( {', 'visit.burst.ts:6', /^burst: [^\n]+ \(and 1 more\)\n/],
  [
    'no default export',
    'export default',
    'export const run =',
    'visit.burst.ts',
    'visit.burst.ts has no default export',
  ],
  ['an unknown task', 'visit: 1', 'vist: 1', 'visit.burst.ts:5', /names 'vist', but the class has no such method/],
  ['a CSV file that does not exist', "'rows.csv'", "'lines.csv'", 'visit.burst.ts:2', /lines\.csv/],
  [
    'a CSV with too few rows for its users',
    'ramp(3',
    'ramp(4',
    'visit.burst.ts:2',
    /^burst: rows\.csv has 3 rows, but 4 users /,
  ],
  [
    'task weights of zero',
    'visit: 1',
    'visit: 0',
    'visit.burst.ts:3',
    /weights of all tasks of class Visitor are zero/,
  ],
  ['class weights of zero', 'weight = 2', 'weight = 0', 'visit.burst.ts:3', /weights of all user classes are zero/],
  [
    'a threshold for an unknown request',
    'GET /row/:id:',
    'GET /raw/:id:',
    'visit.burst.ts:12',
    /does not name a request, recorded sample or step of this scenario/,
  ],
  [
    'a load of 0 users',
    "ramp(3, '0s'), hold('1s')",
    "ramp(0, '1s')",
    'visit.burst.ts:11',
    /^burst: the load has 0 users from its start to its end \(1 s\)/,
  ],
  ['users beside arrivals', "ramp(3, '0s')", "arrivals(3, '1s')", 'visit.burst.ts:11', /load mixes arrivals with ramp/],
  ['too many users', 'ramp(3', 'ramp(3e9', 'visit.burst.ts:11', /^burst: users is 3,000,000,000/],
  ['a malformed duration', "'1s')]", "'1 sec')]", 'visit.burst.ts:11', /which is not a duration/],
  ['a host without scheme', 'HOST', 'shop.example.com', 'visit.burst.ts:9', /has no scheme/],
])(
  'if a scenario has %s, burst sends no request, and exits with code 104 and an error message that names the line',
  async (...[, from, to, at, sentence]) => {
    const before = target.counts().received
    const { code, stdout, stderr } = await burst(['run', '--local'], await project(files(good.replace(from, to))))
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' })
    expect(stderr).toMatch(sentence)
    const lines = stderr.trimEnd().split('\n')
    expect(lines[1]).toMatch(new RegExp(`^  at ${at.replaceAll('..', String.raw`\.`)}(:\\d+)?$`))
    expect(lines.length).toBeLessThanOrEqual(3)
    expect(target.counts().received).toBe(before)
  },
)

test('an exception in a task is counted with its line in the scenario, and the run continues', async () => {
  const folder = await project(
    files(
      good
        .replace('await this.http', "if (this.index === 1) throw new Error('no such luck')\n    await this.http")
        .replace('unique()', 'random()'),
    ),
  )
  const { code, stdout, report } = await runIn(folder)
  expect(code).toBe(0)
  expect(report.exceptions).toEqual([
    {
      message: 'Error: no such luck',
      stack: expect.stringMatching(/^ +at Visitor\.visit \(visit\.burst\.ts:6:\d+\)/),
      count: expect.any(Number),
    },
  ])
  // After each exception the user pauses for 100 ms.
  expect(report.exceptions[0]?.count).toBeGreaterThan(0)
  expect(report.exceptions[0]?.count).toBeLessThan(15)
  expect(stdout).toMatch(/no such luck \(visit\.burst\.ts:6\)/)
  expect(report.users.unharmed).toBe(2)
})

test('any thrown value is counted as an exception, and the user and the run continue', async () => {
  const folder = await project({
    'odd näme 🚀.burst.ts': `import { HttpUser, constant, scenario, task } from 'burst'
const trap = () => { throw new Error('trap') }
class $Üser_日本 extends HttpUser {
  wait = constant('10ms')
  @task async nothing() { throw null }
  @task async bare() { throw Object.create(null) }
  @task async proxy() { throw new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap }) }
  @task async getter() { const error = new Error('x'); Object.defineProperty(error, 'message', { get: trap }); throw error }
  @task async 'a "name" <b>of</b> a task'() { await this.http.get('/ok', { name: 'näme 🚀\u202e\u0000 <i>' }) }
  @task async prototype() { await this.http.get('/ok', { name: '__proto__' }); await this.http.get('/ok', { name: 'constructor' }) }
  @task async headers() { await this.http.get('/ok', { headers: { 'x-big': 'y'.repeat(200_000) } }); await this.http.get('/ok', { headers: { 'x-text': 'a\\r\\nb: c' } }) }
  @task async circle() { const a: Record<string, unknown> = {}; a['a'] = a; await this.http.post('/ok', { json: a }) }
}
export default scenario({ host: '${target.origin}', users: [$Üser_日本] })
`,
  })
  const { code, stdout, report } = await runIn(folder, ['-u', '4', '--workers', '2', '--iterations', '60', '-t', '10m'])
  expect({ code, complete: report.completeness.complete }).toEqual({ code: 0, complete: true })
  expect(report.iterations.reduce((sum, one) => sum + one.count, 0)).toBe(240)
  const thrown = Object.fromEntries(report.exceptions.map((one) => [one.message.split('\n')[0], one.count]))
  expect(Object.keys(thrown).toSorted()).toEqual([
    "TypeError: header 'x-text' has a character that HTTP does not allow: encode the value, for example with encodeURIComponent()",
    'TypeError: json contains itself (a circular reference), which JSON cannot write: send only the fields that the target needs',
    'thrown: a value that cannot be shown as text',
    'thrown: null',
  ])
  expect(stdout).toContain('(odd näme 🚀.burst.ts:12)')
  const names = report.requests.map((row) => row.name)
  expect(names).toEqual(expect.arrayContaining(['__proto__', 'constructor', '/ok']))
})

test('if a task exits its process, only its worker is lost, the report names this worker, and the run does not pass', async () => {
  const folder = await project({
    'exit.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  async visit() { await this.http.get('/ok'); if (this.index === 1) process.exit(0) }
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [ramp(4, '0s'), hold('2s')] })`,
  })
  const { code, report } = await runIn(folder, ['--workers', '2'])
  expect(code).toBe(98)
  expect(report.completeness.lost).toEqual([expect.stringMatching(/worker 1.*process\.exit\(\)/)])
  expect(report.totals.requests).toBeGreaterThan(0)
})

test('if user code never returns in one of two workers, the verdict names this worker, and the run does not pass even if its thresholds hold', async () => {
  const folder = await project({
    'stuck.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  async visit() { await this.http.get('/ok'); if (this.index === 1) for (;;); }
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [ramp(4, '0s'), hold('6s')], thresholds: ['errors < 1%'] })`,
  })
  const { code, report, stdout } = await runIn(folder, ['--workers', '2', '--stop-timeout', '1s'])
  expect(report.thresholds).toMatchObject([{ passed: true }])
  expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 0 })
  const reasons = report.verdict.reasons.join('\n')
  expect(reasons).toMatch(/the scenario's code did not return, so burst ended the worker: worker 1 from 00:0\d/)
  expect(reasons).toMatch(
    /part of the planned load did not happen: users were active for .*; less than planned on workers? 1/,
  )
  expect(report.generator.reasons.join('\n')).toContain('blocked the event loop of worker 1')
  expect(stdout).not.toContain('✓ passed')
  expect(code).toBe(0)
})

test('a rate of arrivals above the maximum is refused', async () => {
  const folder = await project({
    'flood.burst.ts': `import { HttpUser, arrivals, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { visit: 1 }; async visit() {} }
export default scenario({ host: '${target.origin}', users: [Visitor], load: [arrivals(1e9, '1s')] })`,
  })
  const { code, stderr } = await burst(['run', '--local'], folder)
  expect({ code, stderr }).toEqual({
    code: 104,
    stderr:
      'burst: the load has 1,000,000,000 arrivals per second\n  at flood.burst.ts:3\n  the maximum is 10,000,000\n',
  })
})

test('when the result of beforeRun is not JSON, burst exits with code 107 and a one-sentence error message', async () => {
  const folder = await project({
    'before.burst.ts': `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { visit: 1 }; async visit() {} }
export default scenario({ host: '${target.origin}', users: [Visitor], beforeRun: () => ({ id: 1n }) })`,
  })
  const { code, report } = await runIn(folder, ['-t', '1s'])
  expect(code).toBe(107)
  expect(report.verdict.reasons[0]).toBe(
    'beforeRun returned a value that is not JSON: Do not know how to serialize a BigInt',
  )
})
