import { inflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ms } from '../../core/report/figures.ts'
import type { Report } from '../../core/report/report.ts'
import { decodeSeries } from '../../core/report/series.ts'
import { CompactHistogram } from '../../core/window/histograms/compact.ts'
import { failingReport } from '../fixtures/reports/failing-report.ts'
import { hostile, hostileReport } from '../fixtures/reports/hostile-report.ts'
import { makeReport } from '../fixtures/reports/report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { worstReport } from '../fixtures/reports/troubled-report.ts'
import { TestBrowser, bottomOfCharts, browserAt, browserIsHere, drawn, wordsOf } from './browser.ts'

const run = syntheticReport({ trouble: true })

test('without a browser, tests of the page fail in CI and are skipped elsewhere', () => {
  expect(() => browserAt('/no/such/browser', 'true')).toThrow(
    'no browser at /no/such/browser (set BURST_CHROMIUM to one)',
  )
  for (const ci of [undefined, '', 'false']) expect(browserAt('/no/such/browser', ci)).toBe(false)
  expect(browserAt(process.execPath, 'true')).toBe(true)
})

describe.skipIf(!browserIsHere)('the report in a browser', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  const column = (page: Page, title: string): Promise<string[]> =>
    page.locator('#requests table').evaluate((table, head) => {
      const { tHead, tBodies } = table as unknown as TableElement
      const place = [...(tHead?.rows[0]?.cells ?? [])].findIndex(
        (cell) => cell.textContent?.replace(/ [↓↑]$/, '') === head,
      )
      return [...(tBodies[0]?.rows ?? [])].map((row) => row.cells[place]?.textContent ?? '')
    }, title)

  test.each(['light', 'dark'] as const)(
    'the first screen has the verdict, key values, charts and the table (%s)',
    async (colorScheme) => {
      const page = await browser.openReport(run, { colorScheme })
      for (const part of ['.verdict', '.keys', '.stack', '#requests thead']) {
        const box = await page.locator(part).boundingBox()
        expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(800)
      }
      for (const k of [0, 1, 2])
        expect(await drawn(page, `.stack figure:nth-of-type(${k + 1}) canvas`)).toBeGreaterThan(2000)
    },
  )

  test('the verdict, the key values and all charts fit on a first screen of 1280 × 800, even with many findings', async () => {
    const worst = worstReport()
    for (const report of [failingReport(), worst]) {
      const page = await browser.openReport(report)
      expect(await page.locator('.stack .chart').count()).toBe(report === worst ? 5 : 3)
      expect(await bottomOfCharts(page)).toBeLessThanOrEqual(800)
      await page.close()
    }
    const page = await browser.openReport(worst)
    await page.locator('.more-reasons summary').press('Enter')
    for (const reason of worst.verdict.reasons.slice(2)) await page.getByText(reason).last().waitFor()
  })

  test('the page of a failed run begins with the failure and its reason', async () => {
    const page = await browser.openReport(failingReport())
    expect(await wordsOf(page)).toMatch(
      /✗ Failed ?POST \/cart: p99 was 1\.31 s, the limit is 1 s\..*3 of 4 thresholds held.*exit code 99.*Users, peak/,
    )
  })

  test('the page says what was not measured, what is missing, what was dropped and what cost money', async () => {
    const report = makeReport()
    report.generator = { ...report.generator, result: 'unknown', lagMs: { p50: null, p99: null, max: null } }
    report.thresholds = [{ expression: 'check:title: passed > 99%', value: null, unit: '%', passed: false, note: null }]
    report.arrivals = { offered: 1000, started: 941, dropped: { pool: 40, generator: 12, lost: 7 } }
    Object.assign(report.completeness, { complete: false, lost: ['slice 1 is missing from 1:05 on'] })
    Object.assign(report.run, { backend: 'aws', regions: ['eu-west-1'] })
    report.cost = { estimateUsd: 1.8, actualUsd: 1.79, lines: [{ what: 'Lambda', usd: 1.79 }] }
    report.totals.requests = 1_234_567
    const [worker] = report.workers
    report.workers = Array.from({ length: 40 }, (_, slice) => ({
      ...(worker as NonNullable<typeof worker>),
      slice,
      attempts: slice < 3 ? 2 : 1,
    }))
    const page = await browser.openReport(report)
    const words = await wordsOf(page)
    expect(words).toContain('It is not known whether the generator kept up.')
    expect(words).toContain('not measured✗ no')
    expect(words).toMatch(/Arrivals ?Planned1,000Started941.*free40.*late12.*lost7/)
    expect(words).toContain('✗ Some counts are missing from this report.slice 1 is missing from 1:05 on')
    expect(words).not.toContain('All counts are in this report')
    expect(words).toContain('Estimated before the run$1.80Actual$1.79Lambda$1.79')
    expect(words).toContain('40 workers, 3 of them started again')
    expect(await page.locator('[title="1,234,567"]').first().textContent()).toBe('1,234,567')
  })

  test('dragging over a chart selects a time span, and the page shows the same values as Node computes for this span', async () => {
    const page = await browser.openReport(run)
    const whole = await column(page, 'p95')
    const box = (await page.locator('.stack .u-over').nth(1).boundingBox()) as NonNullable<
      Awaited<ReturnType<ReturnType<Page['locator']>['boundingBox']>>
    >
    await page.mouse.move(box.x + box.width * 0.55, box.y + 30)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 5 })
    await page.mouse.up()
    const [, from = '', to = ''] = /span=(\d+)-(\d+)/.exec(await page.evaluate('location.hash')) ?? []
    const span = { from: Number(from), to: Number(to) }
    expect(Math.abs(span.from - 98) + Math.abs(span.to - 135)).toBeLessThanOrEqual(2)
    const series = decodeSeries(inflateRawSync(Buffer.from(run.series.data, 'base64')), {
      names: run.series.names,
      errors: run.errors.length,
    })
    const expected = ['all', ...run.requests.keys()].map((name) => {
      const buckets = name === 'all' ? series.all : series.names[name as number]
      const latency = new CompactHistogram()
      for (const [place, counted] of buckets ?? [])
        if (place >= span.from && place < span.to) latency.add(counted.latency)
      return ms(latency.percentileMs(95) ?? null).text
    })
    const [all, ...names] = await column(page, 'p95')
    expect(all).toBe(expected[0])
    expect(names.toSorted()).toEqual(expected.slice(1).toSorted())
    expect(await wordsOf(page, '.keys')).toContain(`Latency p95${expected[0]?.replaceAll('\u00A0', ' ')}`)
    await page.keyboard.press('Escape')
    expect(await column(page, 'p95')).toEqual(whole)
  })

  test('a time span can be selected by preset, by typing or through the URL, and is stored in the URL', async () => {
    const page = await browser.openReport(run, { hash: '#span=10-20' })
    const from = page.getByLabel('from', { exact: true })
    expect(await from.inputValue()).toBe('00:10')
    await from.fill('0:12')
    await from.press('Enter')
    expect(await page.evaluate('location.hash')).toContain('span=12-20')
    await page.getByRole('button', { name: 'Without ramps' }).click()
    expect(await page.evaluate('location.hash')).toContain('span=30-')
    expect(await page.getByRole('button', { name: 'Without ramps' }).getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('button', { name: 'Whole run' }).click()
    expect(await page.evaluate('location.hash')).not.toContain('span')
    await from.fill('never')
    await from.press('Enter')
    expect(await from.inputValue()).toBe('00:00')
  })

  test('a single line of text shows the values of all charts at the cursor', async () => {
    const page = await browser.openReport(run)
    expect(await wordsOf(page, '.legend')).toContain('p99 Drag over a chart to select a time span of the run.')
    await page
      .locator('.stack .u-over')
      .nth(2)
      .hover({ position: { x: 600, y: 40 } })
    await expect
      .poll(() => wordsOf(page, '.legend'))
      .toMatch(/^01:\d\d users [\d,]+ of 400 requests\/s \d+ failures\/s [\d.]+ p50 [\d.]+ ms p95 [\d.]+ ms p99/)
  })

  test('the table can be sorted by mouse and keyboard, filtered, and grouped by task, class and tag', async () => {
    const page = await browser.openReport(run)
    const wanted = run.requests
      .toSorted((a, b) => (b.latencyMs.p99 ?? 0) - (a.latencyMs.p99 ?? 0))
      .map(({ method, name }) => `${method} ${name}`)
    await page.locator('#requests th', { hasText: /^p99$/ }).getByRole('button').click()
    expect((await column(page, 'Name')).slice(1)).toEqual(wanted)
    expect(await page.evaluate('location.hash')).toContain('sort=-p99')
    await page.keyboard.press('Enter')
    expect((await column(page, 'Name')).slice(1)).toEqual(wanted.toReversed())
    await page.getByPlaceholder('name, method or tag').fill('post critical')
    expect((await column(page, 'Name')).slice(1)).toEqual(['POST /cart'])
    await page.getByPlaceholder('name, method or tag').fill('')
    await page.getByLabel('group').selectOption('class')
    const grouped = await column(page, 'Name')
    expect(grouped.filter((name) => /^[▾▸]/.test(name)).toSorted()).toEqual(['▾ Admin', '▾ Shopper'])
    expect(grouped).toHaveLength(1 + 2 + run.requests.length)
    await page.getByRole('button', { name: 'Shopper' }).click()
    expect((await column(page, 'Name')).length).toBeLessThan(grouped.length)
    await page.getByLabel('group').selectOption('tag')
    expect((await column(page, 'Name')).filter((name) => /^[▾▸]/.test(name)).toSorted()).toEqual([
      '▾ critical',
      '▾ none',
    ])
  })

  test('the details of a name can be opened with the keyboard, contain charts, phases and failures, and close with Escape', async () => {
    const page = await browser.openReport(run)
    await page.getByRole('button', { name: 'POST /cart' }).focus()
    await page.keyboard.press('Enter')
    const name = page.locator('#name')
    expect(await wordsOf(page, '#name')).toMatch(
      /^POST \/cart.*Failed81, .*Statuses200 × .*503 × 81.*First byte.*HTTP 503/,
    )
    await expect.poll(() => name.locator('canvas').count()).toBe(4)
    for (const k of [0, 1, 2, 3]) expect(await drawn(page, `#name canvas >> nth=${k}`)).toBeGreaterThan(500)
    expect(await page.evaluate('document.activeElement.id')).toBe('name-title')
    await page.keyboard.press('Escape')
    expect(await name.count()).toBe(0)
  })

  test('hostile names and messages are plain text everywhere in the page', async () => {
    const report = hostileReport()
    const page = await browser.openReport(report)
    for (const summary of await page.locator('summary').all()) await summary.click()
    expect(await page.title()).toMatch(/^✗ <script>alert\(1\)<\/script>/)
    expect(await page.locator('body img, body iframe, body [onload], body [onerror]').count()).toBe(0)
    expect((await column(page, 'Name')).join('\n')).toContain(hostile[2])
    expect(await page.locator('script').count()).toBe(2)
    expect(await wordsOf(page)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  })

  test('a reader without JavaScript sees the verdict, the totals and the table', async () => {
    const page = await browser.openReport(failingReport(), { javaScriptEnabled: false })
    expect(await wordsOf(page)).toMatch(/✗ Failed POST \/cart: p99 was 1\.31 s.*All requests/)
    expect(await page.locator('#requests tbody tr').count()).toBe(failingReport().requests.length + 1)
    expect(await page.locator('noscript').isVisible()).toBe(true)
  })

  test('in a narrow window, the page as a whole does not scroll sideways', async () => {
    const report = hostileReport()
    for (const words of [report.run.plan.words, report.generator.reasons]) words.push('x'.repeat(1000))
    for (const width of [900, 400]) {
      const page = await browser.openReport(report, { viewport: { width, height: 800 }, hash: '#name=POST%20%2Fcart' })
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    }
  })

  test('a run without requests can be opened, and no error is logged', async () => {
    const page = await browser.openReport({
      ...makeReport({ windows: 1, names: 1 }),
      requests: [],
      seconds: [],
      windows: [],
      workers: [],
    })
    expect(await wordsOf(page, '.verdict .word')).toContain('Passed')
  })

  test('if the series of a report cannot be read, the page keeps the plain tables and gives the reason', async () => {
    const broken: Report = { ...run, series: { ...run.series, data: 'AAAA' } }
    const page = await browser.openReport(broken, { unready: true })
    await page.locator('main > p.alert').waitFor()
    expect(await wordsOf(page)).toMatch(/^The charts cannot be shown: .*All requests/)
  })

  test('the page is printed in the light theme, even if the screen uses the dark theme', async () => {
    const page = await browser.openReport(run, { colorScheme: 'dark' })
    await page.evaluate(`addEventListener('beforeprint', () => {
      const style = getComputedStyle(document.documentElement)
      globalThis.printed = [style.colorScheme, style.getPropertyValue('--ink')]
    })`)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(await page.evaluate('printed')).toEqual(['light', '#1d2125'])
    expect(await page.locator('html').getAttribute('data-paper')).toBeNull()
    await page.emulateMedia({ media: 'print' })
    for (const tool of ['.selection', '.tools', '.legend']) expect(await page.locator(tool).isVisible()).toBe(false)
    for (const told of ['.verdict', '.stack canvas', '#requests table'])
      expect(await page.locator(told).first().isVisible()).toBe(true)
  })
})

interface TableElement {
  tHead: { rows: { cells: { textContent: string | null }[] }[] } | null
  tBodies: { rows: { cells: { textContent: string | null }[] }[] }[]
}
