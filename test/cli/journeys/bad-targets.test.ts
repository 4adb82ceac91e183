import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { TestBrowser, browserIsHere } from '../../page/browser.ts'
import { runInChild } from '../../targets/child.ts'
import type { Counts } from '../../targets/counting-target.ts'
import { type RudeTarget, startRudeTarget } from '../../targets/raw/rude-targets.ts'
import type { Ended } from '../command-line.ts'
import { project, runIn } from '../journey.ts'

const script = '</script><script>alert(1)</script>'

const scenario = (host: string): string => `
import { HttpUser, ramp, scenario, task } from 'burst'
const token = { '~standard': { version: 1, vendor: 'here', validate: (value) => typeof value.token === 'string' ? { value } : { issues: [{ message: 'no token' }] } } } as const
class Visitor extends HttpUser {
  @task(1, { tags: ['${script}'] }) async all() {
    for (const path of ['/half', '/half-reset', '/close', '/reset', '/garbage', '/huge']) await this.http.get(path as '/x')
    await this.http.get('/silent', { timeout: '300ms' })
    await this.http.get('/status/200', { name: '${script}' }).check('${script}', () => false)
    await this.step('${script}', async () => { await this.http.get('/html-instead').expect({ body: /${script.replaceAll('/', String.raw`\/`)} is not there/ }).catch(() => undefined) })
    await this.http.get('/broken-json', { name: 'late <img src=x onerror=alert(1)>' }).json(token).catch(() => undefined)
    await this.http.get('/wrong-json').json(token).catch(() => undefined)
    throw new Error('${script}')
  }
}
export default scenario({ name: '${script}', host: '${host}', users: [Visitor], load: [ramp(2, '0s')] })
`

describe('a target that misbehaves', () => {
  let target: RudeTarget
  let folder: string
  let ended: Ended & { report: Report }
  beforeAll(async () => {
    target = await startRudeTarget()
    folder = await project({ 'rude.burst.ts': scenario(target.origin) })
    ended = await runIn(folder, ['--iterations', '1', '-t', '60s', '--var', `x=${script}`])
  })
  afterAll(() => target.close())

  test('a run against a target that misbehaves ends with a complete report, and every request is counted once', () => {
    const { code, stderr, report } = ended
    // In this scenario, every iteration ends with an error.
    expect({ code, stderr }).toEqual({ code: 99, stderr: '' })
    expect(report.verdict.reasons.join()).toContain('all 2 iterations failed')
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.totals).toMatchObject({ requests: 22, failures: 18, interrupted: 0 })
    expect(report.totals.exchanges).toBe(Object.values(target.counts()).reduce((sum, count) => sum + count, 0))
  })

  test.each([
    ['/half', /^protocol: the target closed the connection before the body was complete$/],
    ['/half-reset', /^network: ECONNRESET/],
    ['/close', /^network: .*closed by the target/],
    ['/reset', /^network: ECONNRESET/],
    ['/garbage', /^protocol: invalid HTTP/],
    ['/silent', /^timeout: no complete answer within 300 ms/],
    ['/html-instead', /^\w+: .*body/],
    ['late <img src=x onerror=alert(1)>', /^\w+: .*JSON/],
    ['/wrong-json', /^\w+: .*no token/],
  ])('the request %s fails, and the report gives the reason', (name, reason) => {
    const found = ended.report.errors.filter((one) => one.name === name)
    expect(found.map((one) => `${one.kind}: ${one.message}`)).toEqual([expect.stringMatching(reason)])
    expect(found[0]?.count).toBe(2)
  })

  test('a body of 100 MB is received and counted, but not kept in memory', () => {
    const huge = ended.report.requests.find((row) => row.name === '/huge')
    expect(huge).toMatchObject({ requests: 2, failures: 0 })
    expect(huge?.bytesIn).toBeGreaterThanOrEqual(200_000_000)
    expect(Math.max(...ended.report.workers.map((worker) => worker.rssMb))).toBeLessThan(400)
  })

  describe.skipIf(!browserIsHere)('the report on a misbehaving target, opened in a browser', () => {
    const browser = new TestBrowser()
    beforeAll(() => browser.launch())
    afterAll(() => browser.end())
    afterEach(() => browser.closePages())

    test('the report escapes strings from the target and from the scenario', async () => {
      const page = await browser.open(pathToFileURL(join(folder, 'out', 'report.html')).href)
      await page.waitForSelector('html[data-ready]')
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await page.title()).toContain(script)
      expect(await page.locator('body img').count()).toBe(0)
      expect((await page.locator('#requests tbody tr').allTextContents()).join('\n')).toContain(script)
    })
  })
})

test('with 100,000 different URLs, the number of names in the report is limited, and every request is counted', async () => {
  const target = await runInChild('counting-target.ts')
  try {
    const folder = await project({
      'crawl.burst.ts': `import { HttpUser, hold, ramp, scenario } from 'burst'
class Crawler extends HttpUser {
  tasks = { batch: 1 }
  next = 0
  async batch() { await Promise.all(Array.from({ length: 6 }, () => this.http.get(('/item/' + this.index + '-' + this.next++) as '/x'))) }
}
export default scenario({ host: '${target.origin}', users: [Crawler], load: [ramp(50, '0s'), hold('90s')] })`,
    })
    const { report, stdout } = await runIn(folder, ['--workers', '2', '--iterations', '334', '--keep-store'], {
      TMPDIR: folder,
    })
    const { received, byPath } = await target.ask<Counts>('counts')
    expect(received).toBe(100_200)
    expect(Object.keys(byPath).length).toBe(100_200)
    expect(report.completeness.complete).toBe(true)
    expect(report.totals).toMatchObject({ requests: received, exchanges: received, interrupted: 0 })
    expect(report.requests.length).toBe(1001)
    const others = report.requests.at(-1)
    expect(others).toMatchObject({ name: '(other names)', requests: received - 1000 })
    expect(stdout).toContain('(other names)')
    expect(stdout).toMatch(/99,200 requests under more than 1,000 names were counted in one row; set a name/)
    const store = /^store {3}(.+)$/m.exec(stdout)?.[1] ?? ''
    expect((await stat(join(store, 'runs', report.run.id, 'shards', '0.json'))).size).toBeLessThan(1_000_000)
    expect((await stat(join(folder, 'out', 'report.html'))).size).toBeLessThan(5_000_000)
    expect(readFileSync(join(folder, 'out', 'stats.csv'), 'utf8').split('\n').length).toBeLessThan(1_010)
  } finally {
    await target.close()
  }
}, 180_000)
