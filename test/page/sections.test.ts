import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { troubledReport } from '../fixtures/reports/troubled-report.ts'
import { isAlerting } from '../../page/sections/alerts.ts'
import { TestBrowser, browserIsHere, drawnAt, wordsOf } from './browser.ts'

const run = syntheticReport({ trouble: true })
const troubled = troubledReport()

describe.skipIf(!browserIsHere)('the page of a run', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  /** Returns the text of the page's header: the verdict and the sentences below it. */
  const head = (page: Page): Promise<string> => wordsOf(page, 'main > header')

  test('the page first says which threshold failed, when, and at how many users, and then what is slow and whether burst is the cause', async () => {
    const words = await head(await browser.openReport(run))
    expect(words).toMatch(
      /✗ Failed.*threshold 'POST \/cart: p99 < 700ms' failed: it was \d+ ms, beyond the limit from 01:31 on, at 400 users/,
    )
    expect(words).toMatch(/Slowest: POST \/cart, p95 \d+ ms, from 01:31 on \(400 users\) \d+ ms instead of \d+ ms\./)
    expect(words).toMatch(/burst added at most 0\.\d+ ms to 99 % of the latencies\./)
  })

  test('the verdict of a run without thresholds has the colour of ordinary text, not of a passed run, and its first sentence gives the measured values', async () => {
    const calm = syntheticReport()
    const colourOf = async (verdict: Report['verdict'], of: string): Promise<string> => {
      const page = await browser.openReport({ ...calm, thresholds: [], verdict })
      return page.evaluate(`getComputedStyle(document.querySelector('${of}')).color`)
    }
    const figures = '1,204 requests, none failed, p95 84 ms; no thresholds were set'
    const unjudged = { ...calm.verdict, result: 'unjudged' as const, reasons: [figures] }
    const page = await browser.openReport({ ...calm, thresholds: [], verdict: unjudged })
    expect(await wordsOf(page, '.verdict .word')).toBe('• Unjudged')
    expect(await wordsOf(page, '.why > p:first-child')).toBe(figures)
    const plain = await colourOf(unjudged, 'body')
    expect(await colourOf(unjudged, '.verdict .word')).toBe(plain)
    expect(await colourOf({ ...unjudged, result: 'passed' }, '.verdict .word')).not.toBe(plain)
  })

  test('if no name became slower, the page shows the slowest name, and says whether burst is part of the cause', async () => {
    const calm = syntheticReport()
    const bound: Report = { ...calm, generator: { ...calm.generator, result: 'bound' } }
    const words = await head(await browser.openReport(bound))
    expect(words).toMatch(
      /Slowest: POST \/orders, p95 \d+ ms\. burst created less load than planned, or sent requests late\./,
    )
    const inaccurate: Report = { ...calm, generator: { ...calm.generator, result: 'inaccurate', uncertainShare: 0.04 } }
    expect(await head(await browser.openReport(inaccurate))).toContain(
      'Some latencies may be too long because of burst.',
    )
    const unknown: Report = { ...calm, generator: { ...calm.generator, result: 'unknown' } }
    expect(await head(await browser.openReport(unknown))).toContain(
      'The delay that burst added to the latencies was not measured.',
    )
  })

  test('the page shows the slowest name first, and then each name that became slower', async () => {
    const [first, ...rest] = run.requests
    const slow = { ...first, latencyMs: { ...first?.latencyMs, p95: 5000 } }
    const words = await head(await browser.openReport({ ...run, requests: [slow, ...rest] as Report['requests'] }))
    expect(words).toMatch(/Slowest: GET \/, p95 5(?:\.00)? s; POST \/cart, from 01:31 on \(400 users\)/)
  })

  test('dropped arrivals, lost workers, late requests and missing counts are shown in their sections', async () => {
    const page = await browser.openReport(troubled)
    const told: [part: string, words: RegExp][] = [
      ['.keys', /Users, peak400pool of 400/],
      ['#users', /Planned26,400Started24,901.*pool was free1,204.*generator was late188.*worker was lost107/],
      [
        '#generator',
        /✗ Generator-bound: requests were sent later than planned.*from 01:20 on worker 1.*Send delay, total1\.2 ms61 ms144 ms/,
      ],
      ['#workers', /0local1400.*1local2400[\d,]+2\.2 ms61 ms.*1 worker failed.*signal: killed/],
      ['#evidence', /✗ Some counts are missing.*worker 1, attempt 0, reported until 01:20 of 03:00/],
      [
        '#events',
        /00:30the ramp-up to 400 users ends01:24worker 1 is lost.*01:31worker 1 is started again02:30the ramp-down from 400 users begins/,
      ],
    ]
    for (const [part, words] of told) expect(await wordsOf(page, part)).toMatch(words)
  })

  test('for each failure, the page shows the first and last time, the marks on the time axis and an example; for each exception, it shows the stack trace', async () => {
    const page = await browser.openReport(troubled)
    expect(await wordsOf(page, '#failures')).toMatch(/POST \/cartstatusHTTP 503.*8101:3\d02:5\d/)
    expect(await page.locator('#failures .spark').getAttribute('aria-label')).toMatch(
      /^in \d+ of 180 intervals of the run$/,
    )
    const marks = (await page.locator('#failures .spark path').getAttribute('d')) ?? ''
    const places = marks.match(/M[\d.]+/g)?.map((mark) => Number(mark.slice(1)) * 1.8) ?? []
    expect(Math.min(...places)).toBeGreaterThan(90)
    for (const summary of await page.locator('#failures summary').all()) await summary.click()
    expect(await wordsOf(page, '#failures .exemplars')).toMatch(/cart\?… status 503, user 17, 2026-.*"no stock"/)
    expect(await wordsOf(page, '#failures')).toMatch(
      /Cannot read properties.*at Shopper\.buy \(shop\.burst\.ts:31:22\)/,
    )
  })

  test('the page has one table each for thresholds, checks, iterations per task, steps and recorded samples', async () => {
    const page = await browser.openReport(troubled)
    const [threshold, check] = [await wordsOf(page, '#thresholds'), await wordsOf(page, '#checks')]
    expect(threshold).toMatch(/errors < 1% ?0\.64 %✓ yes.*POST \/cart: p99 < 700ms beyond the limit from 01:31.*ms✗ no/)
    expect(check).toMatch(/has a title12,1149cart is not empty9,4020/)
    expect(await wordsOf(page, '#journeys')).toMatch(
      /Shopper browse48,2100.*Steps.*checkout9,4020.*Recorded by the scenario.*WS price feed4,0000/,
    )
  })

  test('the page shows whether the counts are complete, and the plan, seed, bundle and build that reproduce the run', async () => {
    const page = await browser.openReport(run)
    expect(await wordsOf(page, '#evidence')).toMatch(
      /✓ All counts are in this report.*Workers that reported1 of 1Messages merged36 of 36/,
    )
    expect(await wordsOf(page, '#plan')).toMatch(/ramp to 400 users.*Runr1Scenario.*Seed.*Bundle.*Build of burst/)
    expect(await wordsOf(page, '.keys')).toMatch(/Users without a failure\d+ %3\d\d of 400/)
  })

  test('events are marked in the charts, and the line with the values names the event at the cursor', async () => {
    const page = await browser.openReport(troubled)
    const chart = page.locator('.stack .u-over').first()
    const { width } = (await chart.boundingBox()) as { width: number }
    await chart.hover({ position: { x: (width * 84) / 180, y: 20 } })
    await expect.poll(() => wordsOf(page, '.legend')).toMatch(/▾ worker 1 is lost: it did not report for 15 s$/)
    await chart.hover({ position: { x: (width * 60) / 180, y: 20 } })
    await expect.poll(() => wordsOf(page, '.legend')).not.toContain('▾')
  })

  test('events are marked in the chart of one name', async () => {
    const marked = (events: Report['events']): Promise<number> =>
      browser
        .openReport({ ...run, events }, { hash: '#name=POST%20%2Fcart' })
        .then((page) => drawnAt(page, '#name .u-wrap', 77.3 / 180))
    const plain = await marked([{ at: null, text: 'a note has no moment' }])
    // A mark is a dashed line that covers a third of the chart's height of 146 pixels.
    expect(await marked([{ at: 77.3, text: 'worker 1 is lost' }])).toBeGreaterThan(plain + 30)
  })

  test('failed requests are red only if an error threshold failed, or if no error threshold exists and more than 1 % failed', async () => {
    const { requests } = run
    const cases: [errors: string, passed: boolean, failures: number, isRed: boolean][] = [
      ['errors < 2%', true, 40, false],
      ['errors < 2%', false, 40, true],
      ['p95 < 1s', false, 9, false],
      ['p95 < 1s', true, 11, true],
    ]
    for (const [expression, passed, failures, isRed] of cases) {
      const thresholds = [{ expression, value: 1, unit: '%', passed, note: null }]
      const row = { requests: 1000, failures, failureShare: failures / 1000 }
      const page = await browser.openReport({
        ...run,
        thresholds,
        totals: { ...run.totals, ...row },
        requests: requests.map((one) => ({ ...one, failures: 0, failureShare: 0 })),
      })
      const what = [expression, passed, failures]
      expect([...what, await page.locator('.key.alert').count()]).toEqual([...what, isRed ? 1 : 0])
      expect([...what, await page.locator('#requests .total .alert').count()]).toEqual([...what, isRed ? 2 : 0])
    }
  })

  test('the URL contains the open name, the sort order, the filter and the grouping, and a reload restores them', async () => {
    const page = await browser.openReport(run)
    await page.getByLabel('group').selectOption('task')
    await page.getByPlaceholder('name, method or tag').fill('post')
    await page.locator('#requests th', { hasText: /^Max$/ }).getByRole('button').click()
    await page.getByRole('button', { name: 'POST /cart' }).click()
    await page.getByRole('button', { name: 'Last minute' }).click()
    const hash = await page.evaluate<string>('location.hash')
    expect(hash).toBe('#span=120-180&name=POST+%2Fcart&sort=-max&filter=post&group=task')
    const again = await browser.openReport(run, { hash })
    expect(await wordsOf(again, '#name h2')).toBe('POST /cart')
    for (const part of ['.keys', '#name', '#requests'])
      expect(await wordsOf(again, part)).toBe(await wordsOf(page, part))
    expect(await again.getByLabel('group').inputValue()).toBe('task')
  })
})

const held = (expression: string, passed: boolean) => ({ expression, value: 1, unit: '%', passed, note: null })
const cart = { method: 'POST', name: '/cart', failures: 20, failureShare: 0.02 }

test('failures of a name are red if an error threshold for the name failed, or if the name has no error threshold and more than 1 % failed', () => {
  const cases: [thresholds: [expression: string, passed: boolean][], isAlert: boolean][] = [
    [[], true],
    [[['POST /cart: errors < 5%', true]], false],
    [[['/cart: errors<1%', false]], true],
    [[['errors < 5%', true]], true],
    [[['GET /cart: errors < 5%', true]], true],
    [[['POST /cart: p99 < 1s', true]], true],
    [
      [
        ['POST /cart: errors < 5%', true],
        ['/cart: errors < 1%', false],
      ],
      true,
    ],
  ]
  for (const [thresholds, isAlert] of cases) {
    const report = { thresholds: thresholds.map(([expression, passed]) => held(expression, passed)) }
    expect([thresholds, isAlerting(report, cart, false)]).toEqual([thresholds, isAlert])
  }
  expect(isAlerting({ thresholds: [] }, { ...cart, failureShare: 0.01 }, false)).toBe(false)
})

test('in a selected span, only the fraction of failures decides whether they are red, because thresholds judge the whole run', () => {
  const report = { thresholds: [held('POST /cart: errors < 1%', false)] }
  expect(isAlerting(report, { ...cart, failures: 1, failureShare: 0.001 }, true)).toBe(false)
  expect(isAlerting(report, cart, true)).toBe(true)
})
