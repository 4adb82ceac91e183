import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { TestBrowser, browserIsHere, drawn, drawnAt, wordsOf } from './browser.ts'

const run = syntheticReport()

describe.skipIf(!browserIsHere)('the charts over the time of a run', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  test('a single second with requests is drawn as a point in the latency charts of the run and of a name', async () => {
    const sparse = syntheticReport({ seconds: 60, names: 1, everyS: 4 })
    // Each page is read only once, because Chromium logs a warning for a canvas that is read twice.
    const [page, again] = await Promise.all([1, 2].map(() => browser.openReport(sparse, { hash: '#name=GET+%2F' })))
    for (const chart of ['.stack figure:nth-of-type(3) .chart', '#name figure .chart']) {
      const alone = await drawnAt(page as Page, chart, 32 / 60)
      expect(alone).toBeGreaterThan(5 + (await drawnAt(again as Page, chart, 33.5 / 60)))
    }
  })

  test('if arrivals are dropped, the page has a chart of these arrivals; if requests are late, it has a chart of these requests; the line of values shows both numbers at the cursor', async () => {
    const titles = (page: Page): Promise<string[]> => page.locator('.stack figcaption').allTextContents()
    const usual = ['Users', 'Requests and failures per second', 'Latency: p50, p95, p99']
    const [dropped, late] = ['Arrivals dropped per second', 'Requests sent late by burst, per second']
    const troubled = (more: { dropped: number; late: number }): Report => ({
      ...run,
      seconds: run.seconds.map((second) => (second.at >= 60 && second.at < 90 ? { ...second, ...more } : second)),
    })
    expect(await titles(await browser.openReport(run))).toEqual(usual)
    expect(await titles(await browser.openReport(troubled({ dropped: 0, late: 2 })))).toEqual([...usual, late])
    const page = await browser.openReport(troubled({ dropped: 7, late: 3 }))
    expect(await titles(page)).toEqual([...usual, dropped, late])
    for (const k of [4, 5]) expect(await drawn(page, `.stack figure:nth-of-type(${k}) canvas`)).toBeGreaterThan(500)
    const box = (await page.locator('.stack .u-over').nth(3).boundingBox()) as NonNullable<
      Awaited<ReturnType<ReturnType<Page['locator']>['boundingBox']>>
    >
    await page.mouse.move(box.x + (box.width * 75) / 180, box.y + 20)
    expect(await wordsOf(page, '.stack .legend')).toMatch(/^01:1[45].* dropped\/s 7 late\/s 3$/)
    await page.mouse.move(box.x + (box.width * 40) / 180, box.y + 20)
    expect(await wordsOf(page, '.stack .legend')).toMatch(/ dropped\/s 0 late\/s 0$/)
  })
})
