import { mkdir, rm, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { openShop } from '../../cli/demo/open-shop.ts'
import type { Report } from '../../core/report/report.ts'
import { emptyFolder, startBurst } from '../cli/command-line.ts'
import { heard } from '../cli/journey.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { troubledReport } from '../fixtures/reports/troubled-report.ts'
import { TestBrowser } from './browser.ts'

/** `npm run screenshots [-- saved | live]`: takes pictures of the page into docs/images, for review and for the documentation. */
const folder = join(import.meta.dirname, '../../docs/images')
const wide = { viewport: { width: 1280, height: 800 } }
const phone = { viewport: { width: 400, height: 860 }, isMobile: true, hasTouch: true }
let browser = new TestBrowser()

interface Shot {
  file: string
  report: Report
  hash?: string
  options: BrowserContextOptions
  /** The selector of the part that is scrolled into view before the picture is taken. */
  section?: string
  act?: (page: Page) => Promise<void>
}

async function save(page: Page, file: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${file}.png`), animations: 'disabled' })
  process.stdout.write(`${join('docs/images', `${file}.png`)}\n`)
}

const hover = (page: Page): Promise<void> => {
  const chart = page.locator('.stack .u-over').first()
  return chart.hover({ position: { x: 640, y: 20 } })
}

async function saved(): Promise<void> {
  browser = new TestBrowser()
  await browser.launch()
  const report = syntheticReport({ trouble: true })
  const older = syntheticReport({ seed: 3 })
  const day = 86_400_000
  const { run } = older
  const before = { ...older, run: { ...run, id: 'r0', startedAt: run.startedAt - day, endedAt: run.endedAt - day } }
  const compare = async (page: Page): Promise<void> => {
    const file = { name: 'report.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(before)) }
    await page.locator('input[type=file]').setInputFiles(file)
    await page.locator('#compare table').waitFor()
  }
  const shots: Shot[] = [
    { file: 'report', report, options: wide, act: hover },
    { file: 'report-dark', report, options: { ...wide, colorScheme: 'dark' } },
    { file: 'report-selection', report, hash: '#span=85-125', options: wide },
    {
      file: 'report-name',
      report,
      hash: '#name=POST%20%2Fcart',
      options: { viewport: { width: 1280, height: 1000 } },
      section: '#name',
    },
    { file: 'report-trouble', report: troubledReport(), options: { viewport: { width: 1280, height: 900 } } },
    { file: 'report-phone', report, options: phone },
    { file: 'compare', report, options: wide, act: compare, section: '#compare' },
  ]
  for (const { file, report, hash = '', options, section, act } of shots) {
    const page = await browser.openReport(report, { ...options, hash })
    await act?.(page)
    if (section) await page.evaluate(`document.querySelector('${section}').scrollIntoView({ behavior: 'instant' })`)
    await save(page, file)
  }
  await browser.closePages()
  await browser.end()
}

const scenario = `import { HttpUser, between, scenario, task } from 'burst'
class Shopper extends HttpUser {
  static weight = 9
  wait = between('0.5s', '1.5s')
  @task(6) async browse() {
    await this.http.get('/')
    await this.http.get('/category/:name', { params: { name: this.random.pick(['shoes', 'hats']) } })
  }
  @task(3) async search() { await this.http.get('/search', { query: { q: 'red' } }) }
  @task(1) async recommendations() { await this.http.get('/recommendations') }
}
class Admin extends HttpUser {
  wait = between('2s', '4s')
  @task(1) async report() { await this.http.get('/reports/slow') }
}
export default scenario({ users: [Shopper, Admin], thresholds: ['errors < 2%', 'p95 < 500ms'] })
`

/** The priority of Chromium. With a normal priority, Chromium would slow down the run on a small machine. */
const lowPriority = 10
/** The maximum number of runs that are started until one run has a healthy generator. On a busy machine, several runs may be needed. */
const tries = 3

/** Takes pictures of a run in progress against the demo shop, and then of the form and the list with this run. */
async function live(): Promise<void> {
  const shop = await openShop()
  const project = await emptyFolder()
  await writeFile(join(project, 'shop.burst.ts'), scenario)
  // burst ui finds runs in the temporary folder. With a new folder, the list shows only the runs of this picture.
  const temporary = await emptyFolder()
  const ui = startBurst(['ui', '--ui-port', '0', '--no-open'], project, { TMPDIR: temporary })
  try {
    const address = await heard(ui, /page +(\S+)/)
    setPriority(process.pid, lowPriority)
    await browser.launch()
    const page = await calmRun(address, shop.origin)
    await page.locator('.verdict:not(.live)').waitFor({ timeout: 120_000 })
    await page.getByRole('link', { name: 'New run and all runs' }).click()
    await page.waitForSelector('.price')
    await page.locator('table').first().waitFor()
    await save(page, 'start')
    await browser.closePages()
  } finally {
    ui.child.kill('SIGINT')
    await ui.ended
    shop.close()
    for (const used of [project, temporary]) await rm(used, { recursive: true, force: true })
    await browser.end()
  }
}

/**
 * Starts up to `tries` runs, and takes a picture of the first run whose generator is healthy. If the generator is not healthy in any run, takes a
 * picture of the last run. The pictures are taken before the end of the run, when 10 to 19 s are left.
 */
async function calmRun(address: string, host: string): Promise<Page> {
  for (let k = 1; ; k++) {
    const page = await browser.open(address, wide)
    await page.waitForSelector('.class')
    for (const [field, value] of Object.entries({ users: '30', spawnRate: '3', runTime: '40s', host }))
      await page.locator(`#field-${field}`).fill(value)
    await page.waitForSelector('.price')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const state = page.locator('.verdict.live')
    await state.filter({ hasText: /00:1\d left/ }).waitFor({ timeout: 120_000 })
    await save(page, 'live')
    if ((await state.textContent())?.includes('generator healthy')) return page
    if (k === tries) {
      process.stderr.write(
        `in all ${tries} runs the generator was not healthy, and live.png says so: repeat on a calm machine\n`,
      )
      return page
    }
    await page.locator('.verdict:not(.live)').waitFor({ timeout: 120_000 })
    await page.close()
  }
}

await mkdir(folder, { recursive: true })
const only = process.argv[2]
if (only !== 'saved') await live()
if (only !== 'live') await saved()
