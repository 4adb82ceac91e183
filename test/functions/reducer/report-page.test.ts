import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { renderHtml } from '../../../core/report/html.ts'
import type { Report } from '../../../core/report/report.ts'
import { readPageAssets } from '../../../functions/reducer/assets.ts'
import { failingReport } from '../../fixtures/failing-report.ts'
import { hostile, hostileReport } from '../../fixtures/hostile-report.ts'
import { makeReport } from '../../fixtures/report.ts'

const executablePath = process.env['BURST_CHROMIUM'] ?? '/usr/bin/chromium'
const browserIsHere = existsSync(executablePath)
if (!browserIsHere) process.stderr.write(`skipped: no browser at ${executablePath} (set BURST_CHROMIUM to one)\n`)

describe.skipIf(!browserIsHere)('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'burst-report-'))
  const complaints: string[] = []
  let browser: Browser
  let pages: Page[] = []

  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })
  afterEach(async () => {
    for (const page of pages) await page.context().close()
    pages = []
    if (complaints.length > 0) throw new Error(complaints.splice(0).join('\n'))
  })

  async function open(report: Report, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(folder, 'report.html')
    writeFileSync(file, renderHtml(report, await readPageAssets()))
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    pages.push(page)
    const url = pathToFileURL(file).href
    page.on('console', (message) => complaints.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    return page
  }

  const cells = (page: Page, column: number): Promise<string[]> =>
    page.locator(`#by-name tbody tr > :nth-child(${column})`).allTextContents()

  /** Pixels of a chart that are not transparent. */
  const drawn = (page: Page, chart: string): Promise<number> =>
    page.locator(`#${chart} canvas`).evaluate((element) => {
      const canvas = element as unknown as { width: number; height: number; getContext: (kind: '2d') => Drawing }
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return data.filter((value, k) => k % 4 === 3 && value > 0).length
    })

  test.each(['light', 'dark'] as const)(
    'the first screen has verdict, key figures, both charts and the table (%s)',
    async (colorScheme) => {
      const page = await open(failingReport(), { colorScheme })
      const bottomOf = async (what: string): Promise<number> => {
        const box = await page.locator(what).boundingBox()
        return box === null ? Number.POSITIVE_INFINITY : box.y + box.height
      }
      for (const what of ['.verdict', '.keys', '#overview', '#percentiles', '#by-name thead'])
        expect(await bottomOf(what)).toBeLessThan(800)
      expect(await drawn(page, 'overview')).toBeGreaterThan(5000)
      expect(await drawn(page, 'percentiles')).toBeGreaterThan(2000)
      const shot = await page.screenshot({ path: join(folder, `${colorScheme}.png`) })
      expect(shot.byteLength).toBeGreaterThan(20_000)
    },
  )

  test('a click on a header sorts by it, greatest first, then the other way round', async () => {
    const page = await open(makeReport())
    const p99 = page.locator('#by-name th', { hasText: /^p99$/ })
    const wanted = makeReport().requests.toSorted((a, b) => (b.latencyMs.p99 ?? 0) - (a.latencyMs.p99 ?? 0))
    const names = wanted.map((row) => `${row.method} ${row.name}`)
    await p99.getByRole('button').click()
    expect(await p99.getAttribute('aria-sort')).toBe('descending')
    expect(await cells(page, 1)).toEqual(names)
    await p99.getByRole('button').click()
    expect(await p99.getAttribute('aria-sort')).toBe('ascending')
    expect(await cells(page, 1)).toEqual(names.toReversed())
    expect(await page.locator('#by-name th[aria-sort=none]').count()).toBe(9)
    expect(await page.locator('#by-name tfoot th').textContent()).toBe('All requests')
  })

  test('the keyboard sorts too, and names sort as text', async () => {
    const page = await open(makeReport())
    await page.locator('#by-name thead button').first().focus()
    await page.keyboard.press('Enter')
    const names = makeReport().requests.map((row) => `${row.method} ${row.name}`)
    expect(await cells(page, 1)).toEqual(names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    const requests = await cells(page, 2)
    expect(requests.map((text) => Number(text.replace(',', '')))).toEqual(
      makeReport()
        .requests.map((row) => row.requests)
        .toSorted((a, b) => b - a),
    )
  })

  const picture = (page: Page): Promise<string> =>
    page
      .locator('#percentiles canvas')
      .evaluate((canvas) => (canvas as unknown as { toDataURL: () => string }).toDataURL())

  test('the latency chart shows another name when asked, and back', async () => {
    const page = await open(failingReport())
    const all = await picture(page)
    await page.locator('#latency-of').selectOption({ label: 'POST /cart' })
    await expect.poll(() => picture(page)).not.toBe(all)
    await page.locator('#latency-of').selectOption('0')
    await expect.poll(() => picture(page)).toBe(all)
  })

  test('dragging across one chart zooms both, and a button brings the whole run back', async () => {
    const page = await open(makeReport())
    const box = await page.locator('#overview .u-over').boundingBox()
    if (box === null) throw new Error('no chart')
    const whole = await picture(page)
    await page.mouse.move(box.x + 100, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + 200, box.y + 60, { steps: 5 })
    await page.mouse.up()
    await page.locator('#whole-run').waitFor({ state: 'visible' })
    await expect.poll(() => picture(page)).not.toBe(whole)
    await page.mouse.move(0, 0)
    await page.locator('#whole-run').click()
    await page.locator('#whole-run').waitFor({ state: 'hidden' })
    await expect.poll(() => picture(page)).toBe(whole)
  })

  test('hostile names stay inert, everywhere', async () => {
    const page = await open(hostileReport())
    for (const summary of await page.locator('summary').all()) await summary.click()
    expect(await page.title()).toMatch(/^✗ <script>alert\(1\)<\/script>/)
    expect(await page.locator('body img, body iframe, body [onload], body [onerror]').count()).toBe(0)
    expect(await cells(page, 1)).toContain(`GET ${hostile[2]}`)
    expect(await page.locator('script').count()).toBe(3)
    expect(await drawn(page, 'overview')).toBeGreaterThan(5000)
  })

  test('without JavaScript all words and tables are there, and nothing that does nothing', async () => {
    const page = await open(failingReport(), { javaScriptEnabled: false })
    expect(await page.locator('#by-name tbody tr').count()).toBe(6)
    expect(await page.locator('noscript').isVisible()).toBe(true)
    expect(await page.locator('button:visible, select:visible').count()).toBe(0)
  })

  test('a narrow window never scrolls sideways as a whole', async () => {
    for (const width of [900, 420]) {
      const page = await open(hostileReport(), { viewport: { width, height: 800 } })
      const wide = await page
        .locator('html')
        .evaluate((html) => (html as unknown as { scrollWidth: number }).scrollWidth)
      expect(wide).toBeLessThanOrEqual(width)
    }
  })

  test('an hour with fifty names loads, and a long table can be filtered', async () => {
    const page = await open(makeReport({ windows: 720, names: 50 }))
    expect(await drawn(page, 'overview')).toBeGreaterThan(5000)
    await page.getByPlaceholder('Filter by name').first().fill('section-4')
    expect(await page.locator('#by-name tbody tr:visible').count()).toBe(11 - 1)
  })

  test('a run in which nothing happened opens without a complaint', async () => {
    const page = await open({
      ...makeReport({ windows: 1, names: 1 }),
      requests: [],
      seconds: [],
      windows: [],
      workers: [],
    })
    expect(await page.locator('.verdict .word').textContent()).toContain('Passed')
  })

  test('on paper it is light, whatever the screen is', async () => {
    const page = await open(makeReport(), { colorScheme: 'dark' })
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(await page.locator('html').getAttribute('data-paper')).toBeNull()
  })
})

interface Drawing {
  getImageData: (...box: [x: number, y: number, width: number, height: number]) => { data: Uint8ClampedArray }
}
