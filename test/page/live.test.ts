import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { type RunningBurst, startBurst } from '../cli/command-line.ts'
import { heard, project } from '../cli/journey.ts'
import { type CountingTarget, startCountingTarget } from '../targets/counting-target.ts'
import { TestBrowser, browserIsHere, wordsOf } from './browser.ts'

const hostile = '<img src=x onerror=alert(1)>'

describe.skipIf(!browserIsHere)('the live page', () => {
  const browser = new TestBrowser()
  let target: CountingTarget
  let temporary: string
  let folder: string
  let ui: RunningBurst
  let address: string

  beforeAll(async () => {
    target = await startCountingTarget()
    temporary = await mkdtemp(join(tmpdir(), 'burst-live-'))
    folder = await project({
      'shop.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/', { name: '${hostile}' }) }
}
class Admin extends HttpUser {
  static weight = 3
  wait = constant('50ms')
  tasks = { stock: 1 }
  async stock() { await this.http.get('/stock') }
}
export default scenario({ host: '${target.origin}', users: [Visitor, Admin], thresholds: ['errors < 1%'] })
`,
    })
    await writeFile(join(folder, 'broken.burst.ts'), 'export default 1 +')
    ui = startBurst(['ui', '--ui-port', '0', '--no-open'], folder, { TMPDIR: temporary })
    address = await heard(ui, /page +(\S+)/)
    await browser.launch()
  })
  afterAll(async () => {
    ui.child.kill('SIGINT')
    await ui.ended
    await browser.end()
    await target.close()
    await rm(temporary, { recursive: true, force: true })
  })
  afterEach(() => browser.closePages())

  const violations = async (page: Page): Promise<unknown> => {
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    return page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))',
    )
  }
  const requests = async (page: Page): Promise<number> => {
    const title = await page.locator('#requests .total td').first().locator('span').getAttribute('title')
    return Number(title?.replaceAll(',', ''))
  }

  test('what is wrong with the file or the form stands beside its field, in the sentence of the terminal', async () => {
    const page = await browser.open(address)
    await page.selectOption('#field-file', 'broken.burst.ts')
    await page.waitForSelector('#problem-file')
    expect(await wordsOf(page, '#problem-file')).toMatch(/at broken\.burst\.ts:1/)
    expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.fill('#field-users', '3x')
    await page.fill('#field-host', 'shop.example.com')
    await page.waitForSelector('#problem-host')
    expect(await wordsOf(page, '#problem-users')).toBe('--users is 3xgive a whole number from 1 to 10,000,000')
    expect(await wordsOf(page, '#problem-host')).toContain("host 'shop.example.com' has no scheme")
    expect(await page.locator('#field-users').getAttribute('aria-describedby')).toBe('problem-users')
    await page.fill('#field-users', '2')
    await page.fill('#field-host', '')
    await page.getByLabel('weight of Admin').fill('many')
    await page.waitForSelector('.classes .problems')
    expect(await wordsOf(page, '.classes .problems')).toContain('--weight is "Admin=many"')
    await page.getByLabel('Admin', { exact: true }).uncheck()
    await page.waitForSelector('.price')
    expect(await wordsOf(page, '.plan')).toContain('2 users until stopped')
    expect(await wordsOf(page, '.plan')).not.toContain('Admin')
    expect(await violations(page)).toEqual([])
  })

  test('a person starts a run from the form, sees it live, stops it and has its report, with the keyboard alone', async () => {
    const page = await browser.open(address)
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.waitForSelector('.class')
    await page.locator('#field-users').focus()
    await page.keyboard.type('3')
    await page.waitForSelector('.price')
    await page.locator('#field-users').press('Enter')
    await page.waitForSelector('.verdict.live')
    const run = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    await page.locator('.verdict.live .word', { hasText: 'Running' }).waitFor()
    await page.locator('.stack canvas').nth(2).waitFor()
    const before = await requests(page)
    await expect.poll(() => requests(page), { timeout: 30_000 }).toBeGreaterThan(before)
    expect(await wordsOf(page, '.verdict')).toMatch(
      /3 of 3 users, holding; \d\d:\d\d so far, until stopped\..*workers? alive/,
    )
    expect(await violations(page)).toEqual([])

    const second = await browser.open(address.replace('/?', `/runs/${run}?`))
    await second.waitForSelector('.verdict.live')
    await second.reload()
    await second.waitForSelector('.verdict.live')

    await page.keyboard.press('?')
    expect(await wordsOf(page, 'dialog[open]')).toContain('stop the run')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await page.keyboard.press('s')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Enter')
    for (const one of [page, second]) await one.waitForSelector('.verdict:not(.live)')
    expect(await wordsOf(page, '.verdict')).toContain('stopped by stopped on the page')

    const text = await readFile(join(folder, 'burst-results', run, 'report.json'), 'utf8')
    const report = JSON.parse(text) as Report
    expect(report.totals.requests).toBe(target.counts().received)
    expect([await requests(page), await requests(second)]).toEqual([report.totals.requests, report.totals.requests])
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'JSON' }).click()
    expect(await readFile(await (await download).path(), 'utf8')).toBe(text)
    expect(await wordsOf(page)).toContain(hostile)

    await page.getByRole('link', { name: 'New run and all runs' }).click()
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    await page.waitForSelector('.verdict:not(.live)')
    expect(await page.evaluate('location.pathname')).toBe(`/runs/${run}`)
  })

  test('a run of a terminal shows up, is seen live, and is stopped in order only', async () => {
    const other = startBurst(['run', 'shop.burst.ts', '--local', '-u', '2', '-t', '10m'], folder, { TMPDIR: temporary })
    const page = await browser.open(address)
    await page.locator('.state.running').first().waitFor()
    await page
      .locator('tr', { has: page.locator('.state.running') })
      .getByRole('link')
      .click()
    await page.waitForSelector('.verdict.live')
    const before = await requests(page)
    await expect.poll(() => requests(page), { timeout: 30_000 }).toBeGreaterThan(before)
    await page.keyboard.press('s')
    await page.getByRole('button', { name: 'Stop now' }).click()
    await page.waitForSelector('.stopping .problems')
    expect(await wordsOf(page, '.stopping .problems')).toContain('started elsewhere')
    await page.keyboard.press('s')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.verdict:not(.live)')
    expect((await other.ended).code).toBe(105)
    // The answer to "Stop now" is an error, which a browser notes.
    browser.complaints.splice(0)
  })
})
