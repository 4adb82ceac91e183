import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../core/report/html/html.ts'
import type { Report } from '../../core/report/report.ts'
import { readPageAssets } from '../../functions/reducer/assets.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { TestBrowser, browserIsHere, drawn, wordsOf } from './browser.ts'

const run = syntheticReport({ trouble: true })

test('the page is small and does not contain code that only creates reports', async () => {
  const { script, style } = await readPageAssets()
  for (const own of ['getCountAtIndex', 'inflate_fast']) expect(script.includes(own)).toBe(false)
  expect(Buffer.byteLength(script + style)).toBeLessThan(180_000)
})

describe.skipIf(!browserIsHere)('large runs in a browser', () => {
  const browser = new TestBrowser()
  const folder = mkdtempSync(join(tmpdir(), 'burst-large-'))
  beforeAll(() => browser.launch())
  afterAll(async () => {
    await browser.end()
    rmSync(folder, { recursive: true })
  })
  afterEach(() => browser.closePages())

  test('the report of a run of three days can be opened, with charts and key figures of all seconds', async () => {
    const seconds = Array.from({ length: 260_000 }, (_, at) => ({
      ...(run.seconds[Math.floor((at * run.seconds.length) / 260_000)] as Report['seconds'][number]),
      at,
    }))
    const page = await browser.openReport({ ...run, seconds, series: { ...run.series, stepS: 1445 } })
    expect(await wordsOf(page, '.keys')).toContain('Users, peak400of 400 planned')
    expect(await drawn(page, '.stack canvas')).toBeGreaterThan(2000)
    expect(await wordsOf(page, '.selection')).toContain('Without ramps')
  })

  test(
    'a report of 12 minutes with fifty names is under 6 MB, and opening or comparing it does not block the page for 200 ms',
    { timeout: 300_000 },
    async () => {
      const busy = syntheticReport({ seconds: 720, names: 50, perSecond: 8 })
      const html = renderHtml(busy, await readPageAssets())
      expect(Buffer.byteLength(html)).toBeLessThan(6_000_000)
      const page = await browser.openReport(busy, { unready: true })
      const rows = page.locator('#requests tbody tr')
      const slowest = async (what: string, act: () => Promise<void>): Promise<void> => {
        const [longest] = await browser.tasksWhile(page, act)
        expect({ what, ms: longest?.cpuMs }).toEqual({ what, ms: expect.toSatisfy((ms: number) => ms < 200) })
      }
      await slowest('load', () => page.waitForSelector('html[data-ready]').then(() => undefined))
      await slowest('selection', async () => {
        await page.getByRole('button', { name: 'Last minute' }).click()
        await page.locator('.selection .hint').waitFor()
      })
      await slowest('table', async () => {
        await page.getByPlaceholder('name, method or tag').fill('catalogue')
        await expect.poll(() => rows.count()).toBe(1 + 43)
        await page.getByPlaceholder('name, method or tag').fill('')
        await page.getByLabel('group').selectOption('task')
        await expect.poll(() => rows.count()).toBe(1 + 3 + 50)
        await page.locator('#requests th', { hasText: /^p99$/ }).getByRole('button').click()
      })
      await slowest('name', async () => {
        await page.getByRole('button', { name: 'POST /cart' }).click()
        await expect.poll(() => page.locator('#name canvas').count()).toBe(4)
      })
      const other = join(folder, 'report.html')
      writeFileSync(other, renderHtml({ ...busy, run: { ...busy.run, id: 'r2' } }, await readPageAssets()))
      await slowest('comparison', async () => {
        await page.locator('input[type=file]').setInputFiles(other)
        await page.getByRole('progressbar', { name: /^Comparing the runs/ }).waitFor()
        await page.locator('#compare table').waitFor()
      })
      expect(await page.locator('#compare tbody tr').count()).toBe(51)
    },
  )
})
