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

test('the page is small and does not contain code that is needed only to create reports', async () => {
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

  test('the report of a run of three days can be opened, with charts and key values of all seconds', async () => {
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
      const other = join(folder, 'report.html')
      writeFileSync(other, renderHtml({ ...busy, run: { ...busy.run, id: 'r2' } }, await readPageAssets()))
      // On a busy machine, other programs use the same processor caches, so a task may take more processor time than usual. A task that is really too
      // long is too long in every attempt. The test therefore uses the shortest time of each action.
      const leastMs: Record<string, number> = {}
      const tooLong = (): [string, number][] => Object.entries(leastMs).filter(([, ms]) => !(ms < 200))
      for (let attempt = 0; attempt === 0 || (attempt < 4 && tooLong().length > 0); attempt++) {
        for (const [what, ms] of Object.entries(await longestTasks(browser, busy, other))) {
          leastMs[what] = Math.min(leastMs[what] ?? Infinity, ms)
        }
      }
      expect([Object.keys(leastMs), tooLong()]).toEqual([actions, []])
    },
  )
})

const actions = ['load', 'selection', 'table', 'name', 'comparison']

/**
 * Opens the report in a new page and uses it.
 * @returns the processor time of the longest task during each action, in milliseconds
 */
async function longestTasks(browser: TestBrowser, report: Report, other: string): Promise<Record<string, number>> {
  const page = await browser.openReport(report, { unready: true })
  const rows = page.locator('#requests tbody tr')
  const longest: Record<string, number> = {}
  const during = async (what: string, act: () => Promise<void>): Promise<void> => {
    const [task] = await browser.tasksWhile(page, act)
    longest[what] = task?.cpuMs ?? Number.NaN
  }
  await during('load', () => page.waitForSelector('html[data-ready]').then(() => undefined))
  await during('selection', async () => {
    await page.getByRole('button', { name: 'Last minute' }).click()
    await page.locator('.selection .hint').waitFor()
  })
  await during('table', async () => {
    await page.getByPlaceholder('name, method or tag').fill('catalogue')
    await expect.poll(() => rows.count()).toBe(1 + 43)
    await page.getByPlaceholder('name, method or tag').fill('')
    await page.getByLabel('group').selectOption('task')
    await expect.poll(() => rows.count()).toBe(1 + 3 + 50)
    await page.locator('#requests th', { hasText: /^p99$/ }).getByRole('button').click()
  })
  await during('name', async () => {
    await page.getByRole('button', { name: 'POST /cart' }).click()
    await expect.poll(() => page.locator('#name canvas').count()).toBe(4)
  })
  await during('comparison', async () => {
    await page.locator('input[type=file]').setInputFiles(other)
    await page.getByRole('progressbar', { name: /^Comparing the runs/ }).waitFor()
    await page.locator('#compare table').waitFor()
  })
  expect(await page.locator('#compare tbody tr').count()).toBe(51)
  await page.close()
  return longest
}
