import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../core/report/html/html.ts'
import type { Report } from '../../core/report/report.ts'
import { readPageAssets } from '../../functions/reducer/assets.ts'
import { hostile, hostileReport } from '../fixtures/reports/hostile-report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { TestBrowser, browserIsHere, wordsOf } from './browser.ts'

const dayMs = 86_400_000
const shape = { seconds: 120, names: 4 }
const older = syntheticReport(shape)
const newer = later(syntheticReport({ ...shape, trouble: true, seed: 2 }))

function later(report: Report): Report {
  const { run } = report
  return { ...report, run: { ...run, id: 'r2', startedAt: run.startedAt + dayMs, endedAt: run.endedAt + dayMs } }
}

const fileOf = (text: string, name = 'report.json') => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

describe.skipIf(!browserIsHere)('two runs compared in a browser', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  const give = (page: Page, file: ReturnType<typeof fileOf>): Promise<void> =>
    page.locator('input[type=file]').setInputFiles(file)

  const compared = async (page: Page, report: Report): Promise<void> => {
    await give(page, fileOf(JSON.stringify(report)))
    await page.locator('#compare table').waitFor()
  }

  test('the page compares its report with a report that is dropped onto the page, and shows the verdict, both runs and every name', async () => {
    const page = await browser.openReport(newer)
    const html = renderHtml(older, await readPageAssets())
    const transfer = await page.evaluateHandle((text) => {
      const { DataTransfer, File } = globalThis as unknown as DropGlobals
      const made = new DataTransfer()
      made.items.add(new File([text], 'report.html'))
      return made
    }, html)
    await page.dispatchEvent('footer', 'dragover', { dataTransfer: transfer })
    expect(await page.locator('html[data-dropping]').count()).toBe(1)
    await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer })
    await page.locator('#compare table').waitFor()
    expect(await page.locator('html[data-dropping]').count()).toBe(0)
    const words = await wordsOf(page, '#compare')
    expect(words).toMatch(
      /^Two runs compared.*Worse: .* of POST \/cart rose from .*values differ by more than the noise/,
    )
    expect(words).toMatch(
      /old checkout-peak, 2026-11-21 12:00:00 UTC, r1 new checkout-peak, 2026-11-22 12:00:00 UTC, r2/,
    )
    expect(words).toMatch(/POST \/cart[\d.]+ ms[\d.]+ ms\+[\d.]+ ms\+[\d,]+ %slower\+/)
    expect(words).toMatch(/GET \/[\d.]+ ms[\d.]+ ms[+−±][\d.]+ ms[+−±][\d.]+ %no evidence of a change/)
    expect(await page.locator('#compare canvas').count()).toBe(2)
    await page.getByRole('button', { name: 'Swap' }).click()
    await expect.poll(() => wordsOf(page, '#compare .headline')).toMatch(/^Better: .* of POST \/cart fell from/)
  })

  test('after another run is chosen, the page does not show the comparison with the previous run', async () => {
    const page = await browser.openReport(older)
    await compared(page, newer)
    await expect.poll(() => wordsOf(page, '#compare .headline')).toMatch(/^Worse/)
    await page.evaluate(`(() => {
      globalThis.seen = []
      const note = () => seen.push(document.querySelector('#compare').textContent)
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true })
    })()`)
    const { run } = later(older)
    await give(page, fileOf(JSON.stringify({ ...older, run: { ...run, id: 'third-run' } })))
    await expect.poll(() => wordsOf(page, '#compare .headline')).toMatch(/no evidence of a change/)
    const seen = (await page.evaluate<string[]>('seen')).filter((text) => text.includes('third-run'))
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((text) => text.includes('Worse'))).toEqual([])
  })

  test('a comparison can be opened, changed and closed with the keyboard alone, and Escape does not change the rest of the page', async () => {
    const page = await browser.openReport(newer, { hash: '#span=10-60' })
    const asked = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Compare…' }).focus()
    await page.keyboard.press('Enter')
    const chooser = await asked
    await chooser.setFiles(fileOf(JSON.stringify(older)))
    await page.locator('#compare table').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('compare-title')
    await page.getByRole('button', { name: /^errors/ }).focus()
    await page.keyboard.press('Enter')
    expect(await wordsOf(page, '#compare table')).toMatch(/POST \/cart0 %[\d.]+ %\+[\d.]+ points–more errors/)
    await page.keyboard.press('Escape')
    expect(await page.locator('#compare').count()).toBe(0)
    expect(await page.evaluate('location.hash')).toContain('span=10-60')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Compare…')
  })

  test('the page shows one sentence for a file that cannot be compared, and can then compare a valid file', async () => {
    const page = await browser.openReport(newer)
    const broken = { ...older, series: { ...older.series, data: 'AAAA' } }
    const refused: [text: string, words: string][] = [
      ['{"a":1}', 'report.json is not a burst report: give the report.json or report.html of a run.'],
      [JSON.stringify({ ...older, schemaVersion: 9 }), 'is a version 9 report; this release of burst reads version 1.'],
      [JSON.stringify(broken), 'the series of report.json cannot be read: the file is damaged.'],
    ]
    for (const [text, words] of refused) {
      await give(page, fileOf(text))
      await expect.poll(() => wordsOf(page, '[role=alert]')).toContain(words)
    }
    await compared(page, older)
    expect(await page.locator('[role=alert]:visible').count()).toBe(0)
  })

  test('strings of a hostile report are neither inserted as markup nor executed', async () => {
    const page = await browser.openReport(newer)
    const file = hostileReport()
    const scripts = await page.locator('script').count()
    await compared(page, file)
    await give(page, fileOf('no report', '<img src=x onerror=alert(1)>\u202E.json'))
    await expect
      .poll(() => wordsOf(page, '[role=alert]'))
      .toContain('<img src=x onerror=alert(1)>\\u{202e}.json is not')
    expect(await page.locator('body img, body iframe, body [onload], body [onerror]').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(scripts)
    expect(await page.locator('#compare tbody').textContent()).toContain(hostile[2])
    expect(await wordsOf(page, '#compare')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
  })

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['a phone', { viewport: { width: 400, height: 800 } }],
  ] as const)(
    'axe finds no violation of accessibility rules in a comparison, and the page does not scroll sideways (%s)',
    async (_, options) => {
      const page = await browser.openReport(newer, options)
      await compared(page, older)
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
      const found: unknown = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))',
      )
      expect(found).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    },
  )
})

interface DropGlobals {
  DataTransfer: new () => { items: { add: (file: unknown) => void } }
  File: new (parts: string[], name: string) => unknown
}
