import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RudeTarget, startRudeTarget } from '../../../../targets/raw/rude-targets.ts'
import { type SliceRunResult, runSlice } from '../../slice-run.ts'

/**
 * Returns the scenario of one user. Almost every request has its own name. The request `last` has one check for each entry of `told`. The test reads
 * the entries of `told` from the counts of these checks.
 */
const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
const told: [string, boolean][] = []
const tell = (name: string, holds: boolean) => void told.push([name, holds])
const passes = async (request: Promise<unknown>) => { try { await request; return true } catch { return false } }
class U extends HttpUser {
  @task async judges() {
    const http = this.http as any
    const echo = (name: string) => http.post('/echo', { name, json: { errors: ['no such product'], count: 2 } })
    tell('text found', await passes(echo('text found').expect({ body: 'no such product' })))
    tell('text missing', await passes(echo('text missing').expect({ body: 'all is well' })))
    tell('pattern', await passes(echo('pattern').expect({ body: /no such \\w+/g }).expect(200)))
    tell('body function', await passes(echo('body function').expect({ body: (text: string) => text.includes('no such') })))
    tell('body function false', await passes(echo('body function false').expect({ body: async (text: string) => text === '' })))
    tell('two bodies', await passes(echo('two bodies').expect({ body: 'no such' }).expect({ body: 'nowhere' })))
    tell('function', await passes(echo('function').expect((r: any) => r.status === 200 && r.json().method === 'POST' && r.body === r.text())))
    tell('function false', await passes(echo('function false').expect(() => false)))
    tell('function null', await passes(echo('function null').expect((r: any) => r.body.match(/nowhere/))))
    tell('function undefined', await passes(echo('function undefined').expect((r: any) => r.json().nothing)))
    tell('async false', await passes(echo('async false').expect(async () => false)))
    tell('async undefined', await passes(echo('async undefined').expect(async () => { await 0 })))
    tell('returns a function', await passes(echo('returns a function').expect(() => () => false, 'hidden')))
    tell('returns a generator', await passes(echo('returns a generator').expect(async () => (function* () {})())))
    tell('never settles', await passes(http.get('/echo', { name: 'never settles', timeout: '300ms' }).expect(() => new Promise(() => {}), 'hidden')))
    const refusals = [() => echo('r').expect(function* () {}), () => echo('r').expect({ body: async function* () {} }), () => echo('r').check('g', function* () {}),
      () => echo('r').expect('404'), () => http.get('/echo', { name: 'r', auth: { bearer: 'tok\\n' } }), () => http.get('/echo', { name: 'r', auth: 'Basic \\r' })]
    for (const refusal of refusals) {
      try { refusal(); tell('refused: no', false) } catch (error) { tell('refused: ' + (error as Error).name + ': ' + (error as Error).message.slice(0, 45), true) }
    }
    tell('nested', await passes(echo('nested').expect(async () => { await echo('inner').expect({ body: 'nowhere' }) })))
    tell('message', await passes(echo('message').expect((r: any) => !JSON.parse(r.json().body).errors, 'GraphQL errors')))
    tell('thrown', await passes(echo('thrown').expect((r: any) => { throw new Error(JSON.parse(r.json().body).errors[0]) })))
    tell('async thrown', await passes(echo('async thrown').expect(async () => { throw new TypeError('oh') })))
    tell('returned error', await passes(echo('returned error').expect(() => new Error('not in the cart'))))
    tell('asserts', await passes(echo('asserts').expect((r: any) => { if (r.status !== 200) throw new Error('no') })))
    tell('not json', await passes(http.get('/html-instead', { name: 'not json' }).expect((r: any) => r.json().id)))
    tell('status by default', await passes(http.get('/status/500', { name: 'status by default' }).expect(() => true)))
    tell('status decided', await passes(http.get('/status/404', { name: 'status decided' }).expect((r: any) => r.status === 404)))
    tell('status refused', await passes(http.get('/status/404', { name: 'status refused' }).expect((r: any) => r.ok)))
    tell('list', await passes(http.get('/status/404', { name: 'list' }).expect([200, 404])))
    tell('seconds', await passes(echo('seconds').expect({ under: 20 })))
    const after = await echo('after').check('any', () => true)
    tell('kept', after.json().method === 'POST' && after.text().length > 0)
    const bare = await echo('bare')
    try { bare.json(); tell('bare', false) } catch (error) { tell('bare: ' + (error as Error).message.split(':')[0], true) }
    const last = echo('last')
      .check('sync', () => true).check('sync false', () => false).check('async', async () => true).check('async no', async () => false)
      .check('body', (r: any) => r.json().method === 'POST' && r.text() === r.body)
      .check('throws', (r: any) => r.json().items[0].price > 1)
      .check('rejects', async () => { throw new Error('lost') })
      .check('inner check', async () => { await echo('inner').expect(201); return true })
      .check('an error', () => new Error('wrong')).check('a function', () => () => true).check('a late generator', async () => (async function* () {})())
      .check({ 'k6 one': (r: any) => r.status === 200, 'k6 two': async () => false })
    for (const [name, holds] of told) last.check(name, () => holds)
    await last
    await http.get('/echo', { name: 'stuck check', timeout: '300ms' }).check('stuck', () => new Promise(() => {}))
    for (const [name, stuck] of [['stuck schema', () => new Promise(() => {})], ['stuck thenable', () => ({ then() {} })]] as const)
      await passes(http.get('/echo', { name, timeout: '300ms' }).json({ '~standard': { version: 1, vendor: 'test', validate: stuck } }))
    await http.get('/html-instead', { name: 'last html' }).check('html', (r: any) => r.json().id === 1)
    await http.get('/close', { name: 'no answer' }).check('no answer', (r: any) => r.json().id === 1).check('no status', (r: any) => r.status === 0)
  }
}
export default scenario({ host: '${host}', users: [U] })
`

let target: RudeTarget
let result: SliceRunResult
beforeAll(async () => {
  target = await startRudeTarget()
  const { origin: host } = target
  result = await runSlice({ scenario: scenario(host), host, options: { users: 1, iterations: 1, runTimeMs: 60_000 } })
}, 60_000)
afterAll(() => target.close())

const check = (name: string): string | undefined => {
  const found = result.window.checks.get(name)
  return found && `${found.passed}/${found.failed}`
}
const failure = (name: string): string | undefined => {
  const one = [...result.window.errors.values()].find((error) => error.name === name)
  return one && `${one.kind}: ${one.message}`
}

describe('an expectation', () => {
  test.each([
    'text found',
    'pattern',
    'body function',
    'function',
    'function undefined',
    'async undefined',
    'asserts',
    'status decided',
    'list',
    'seconds',
  ])('an expectation that holds lets the task continue: %s', (name) => {
    expect([check(name), failure(name)]).toEqual(['1/0', undefined])
  })

  test.each([
    ['text missing', 'expect: expected "all is well" in the body'],
    ['body function false', 'expect: expected async (text) => text === "" to hold'],
    ['two bodies', 'expect: expected "nowhere" in the body'],
    ['function false', 'expect: expected () => false to hold'],
    ['function null', 'expect: expected (r) => r.body.match(/nowhere/) to hold'],
    [
      'returns a function',
      'expect: TypeError: the function of expect() returned a function: it must return true or false, or a promise of true or false',
    ],
    [
      'returns a generator',
      'expect: TypeError: the function of expect() returned a generator: it must return true or false, or a promise of true or false',
    ],
    [
      'never settles',
      'expect: TypeError: the function of expect() returned a promise that did not settle within 300 ms',
    ],
    ['nested', 'expect: expected "nowhere" in the body'],
    ['async false', 'expect: expected async () => false to hold'],
    ['message', 'expect: GraphQL errors'],
    ['thrown', 'expect: no such product'],
    ['async thrown', 'expect: TypeError: oh'],
    ['returned error', 'expect: not in the cart'],
    ['not json', 'expect: the body is not JSON'],
    ['status by default', 'status: HTTP 500'],
    ['status refused', 'expect: expected (r) => r.ok to hold'],
  ])('an expectation that does not hold fails the request and ends the task: %s', (name, sentence) => {
    expect([check(name), failure(name)]).toEqual(['0/1', sentence])
  })
})

test('an expectation whose schema returns a promise that never settles fails the request after the time limit', () => {
  for (const name of ['stuck schema', 'stuck thenable'])
    expect(failure(name)).toMatch(
      /^extract: .*the schema of json\(\) returned a promise that did not settle within 300 ms$/,
    )
})

describe('a check', () => {
  test('a check may be async and may read the body, and an error that a check throws is counted as an exception with the name of the check', () => {
    expect(['an error', 'a function', 'a late generator', 'stuck'].map(check)).toEqual(['0/1', '0/1', '0/1', '0/1'])
    expect(check('inner check')).toBe('0/1')
    const checks = ['sync', 'sync false', 'async', 'async no', 'body', 'throws', 'rejects', 'k6 one', 'k6 two', 'html']
    expect(checks.map(check)).toEqual(['1/0', '0/1', '1/0', '0/1', '1/0', '0/1', '0/1', '1/0', '0/1', '0/1'])
    expect(result.window.exceptions.size).toBe(5)
    expect([...result.window.exceptions.values()].map(({ message, count }) => [message, count])).toEqual(
      expect.arrayContaining([
        [
          "check 'a function': TypeError: its function returned a function: it must return true or false, or a promise of true or false",
          1,
        ],
        [
          "check 'a late generator': TypeError: its function returned a generator: it must return true or false, or a promise of true or false",
          1,
        ],
        ["check 'rejects': Error: lost", 1],
        ["check 'stuck': TypeError: its function returned a promise that did not settle within 300 ms", 1],
        ["check 'throws': TypeError: Cannot read properties of undefined (reading '0')", 1],
      ]),
    )
    expect([...result.window.exceptions.values()].find(({ message }) => message.includes("'throws'"))?.stack).toMatch(
      /test\.burst\.ts:\d+/,
    )
  })

  test('without a response, a check receives status 0, and a check that reads the body fails', () => {
    expect(['no answer', 'no status'].map(check)).toEqual(['0/1', '1/0'])
  })
})

test('a body is kept if a chained method can read the body; otherwise, reading the body throws an error that says how to keep the body', () => {
  expect(['kept', 'bare: the body was not kept'].map(check)).toEqual(['1/0', '1/0'])
})

test('if an expectation or a request is invalid, the call throws an error immediately, and burst does not report the request as never awaited', () => {
  const refused = [...result.window.checks.keys()].filter((name) => name.startsWith('refused'))
  expect(refused.toSorted()).toEqual(
    [
      'refused: TypeError: expect() was given "404"; it takes a status, ',
      "refused: TypeError: header 'authorization' has a character that H",
      'refused: TypeError: body of expect() is a generator function, whi',
      'refused: TypeError: the function of check() is a generator functi',
      'refused: TypeError: the function of expect() is a generator funct',
    ].toSorted(),
  )
  expect([...result.window.notices.keys()].filter((text) => text.includes('does not await'))).toEqual([])
})
