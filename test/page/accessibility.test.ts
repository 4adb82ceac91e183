import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { troubledReport } from '../fixtures/reports/troubled-report.ts'
import { TestBrowser, browserIsHere } from './browser.ts'

const require = createRequire(import.meta.url)
interface Shown extends BrowserContextOptions {
  hash?: string
  report?: Report
}

const run = syntheticReport({ trouble: true })

describe.skipIf(!browserIsHere)('accessibility', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  test.each([
    ['light', {}],
    ['light, with the details of a name', { hash: '#name=POST%20%2Fcart' }],
    [
      'dark, with the details of a name and a selected span',
      { colorScheme: 'dark', hash: '#span=60-120&name=POST%20%2Fcart' },
    ],
    ['dark, a run with many findings', { colorScheme: 'dark', report: troubledReport() }],
    ['on a phone, grouped by task', { viewport: { width: 400, height: 800 }, hash: '#group=task' }],
  ] as [string, Shown][])(
    'axe finds no violation of accessibility rules in a report (%s)',
    async (_, { report = run, ...options }: Shown) => {
      const page = await browser.openReport(report, options)
      for (const summary of await page.locator('summary').all()) await summary.click()
      await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
      const found: unknown = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))',
      )
      expect(found).toEqual([])
    },
  )

  test('every control can be reached with the keyboard in the order of the page, and rows can be opened, sorted, folded and selected', async () => {
    const page = await browser.openReport(run)
    const reached: string[] = []
    for (let k = 0; k < 200; k++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate<string | null>(
        `document.activeElement === document.body ? null : (document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent) || document.activeElement.tagName`,
      )
      if (at === null || (k > 0 && at === reached[0])) break
      const isSeen = await page.evaluate('document.activeElement.matches(":focus-visible")')
      expect({ at, isSeen }).toEqual({ at, isSeen: true })
      reached.push(at.trim())
    }
    const all = await page
      .locator('button:visible, input:visible, select:visible, summary:visible, [tabindex="0"]:visible')
      .count()
    expect(reached).toHaveLength(all)
    const order = [
      '2 of 3 thresholds held',
      'Whole run',
      'Compare…',
      'Requests by name, table',
      'POST /cart',
      'HTTP 503',
    ]
    expect(reached.filter((name) => order.includes(name))).toEqual(order)
    await page.getByRole('button', { name: 'Last minute' }).focus()
    await page.keyboard.press('Space')
    expect(await page.evaluate('location.hash')).toContain('span=120-180')
    await page.getByLabel('group').focus()
    await page.keyboard.type('by c')
    await expect.poll(() => page.evaluate('location.hash')).toContain('group=class')
    const fold = page.locator('button.fold').first()
    await fold.focus()
    await page.keyboard.press('Enter')
    expect(await fold.getAttribute('aria-expanded')).toBe('false')
  })
})
