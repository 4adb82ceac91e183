import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { heard } from '../../cli/journey.ts'
import { TestBrowser, browserIsHere, wordsOf } from '../browser.ts'
import { PageOfBurstUi, hostile, requestsOn, runIn, shopScenario, violationsOf } from './page-of-burst-ui.ts'
import { TcpPath } from './tcp-path.ts'

describe.skipIf(!browserIsHere)('a run in the page', () => {
  const ui = new PageOfBurstUi()
  beforeAll(() => ui.start((origin) => ({ 'shop.burst.ts': shopScenario(origin) })))
  afterAll(() => ui.end())
  afterEach(() => ui.browser.closePages())

  const reportOf = async (run: string): Promise<Report> =>
    JSON.parse(await readFile(join(ui.folder, 'burst-results', run, 'report.json'), 'utf8')) as Report
  /** Downloads a file through its link in the page. @returns the suggested file name and the text */
  const saved = async (page: Page, file: string): Promise<[name: string, text: string]> => {
    const download = page.waitForEvent('download')
    await page.locator('.downloads summary').click()
    await page.locator(`.downloads a[href*="/files/${file}"]`).click()
    const done = await download
    return [done.suggestedFilename(), await readFile(await done.path(), 'utf8')]
  }
  const isShown = (page: Page, kind: 'live' | 'saved'): Promise<unknown> =>
    page.waitForSelector(kind === 'live' ? '.verdict.live' : '.verdict:not(.live)')

  test('with the keyboard alone, a person can start, watch and stop a run, download its files and read its report', async () => {
    const page = await ui.browser.open(ui.address)
    await page.waitForSelector('.class')
    await page.locator('#field-users').focus()
    await page.keyboard.type('3')
    await page.waitForSelector('.price')
    await page.locator('#field-users').press('Enter')
    await isShown(page, 'live')
    const run = runIn(page)
    await page.locator('.verdict.live .word', { hasText: 'Running' }).waitFor()
    await page.locator('.stack canvas').nth(2).waitFor()
    const before = await requestsOn(page)
    await expect.poll(() => requestsOn(page)).toBeGreaterThan(before)
    expect(await wordsOf(page, '.verdict')).toMatch(
      /3 users, as planned, holding; \d\d:\d\d elapsed, no planned end\.1 of 1 threshold held so far.*\d of \d workers? alive/,
    )
    expect(await wordsOf(page, '.last-events')).toMatch(/−?\d\d:\d\d /)
    expect(await violationsOf(page)).toEqual([])

    const [name, text] = await saved(page, 'report.json')
    const soFar = JSON.parse(text) as Report
    expect(name).toBe(`${run}-so-far-report.json`)
    expect(soFar.verdict).toMatchObject({ result: 'inconclusive', exitCode: 98 })
    expect(soFar.verdict.reasons).toEqual([
      expect.stringMatching(/^the run is still in progress: this report contains the values until \d/),
    ])
    expect(soFar.completeness).toMatchObject({ complete: false, lost: soFar.verdict.reasons })
    expect(soFar.totals.requests).toBeGreaterThan(before)
    const [, csv] = await saved(page, 'stats.csv')
    expect(Number(/^,Aggregated,(\d+)/m.exec(csv)?.[1])).toBeGreaterThanOrEqual(soFar.totals.requests)
    for (const file of ['report.html', 'report.md', 'history.csv', 'failures.csv', 'exceptions.csv', 'latency.hlog'])
      expect(await saved(page, file)).toEqual([`${run}-so-far-${file}`, expect.stringMatching(/./)])
    expect(await page.locator('.downloads a').count()).toBe(outputFiles.length - 1)

    await page.keyboard.press('?')
    expect(await wordsOf(page, 'dialog[open]')).toContain('stop the run')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await page.keyboard.press('s')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Enter')
    await isShown(page, 'saved')
    expect(await wordsOf(page, '.verdict')).toContain('stopped by the page of burst ui')

    const report = await reportOf(run)
    expect(report.totals.requests).toBe(ui.target.counts().received)
    expect(await requestsOn(page)).toBe(report.totals.requests)
    expect(await wordsOf(page)).toContain(hostile)
    for (const file of outputFiles) {
      const written = await readFile(join(ui.folder, 'burst-results', run, file), 'utf8')
      expect(await saved(page, file)).toEqual([`${run}-${file}`, written])
    }
    await page.getByRole('link', { name: 'New run and all runs' }).click()
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    await isShown(page, 'saved')
    expect(await page.evaluate('location.pathname')).toBe(`/runs/${run}`)
  })

  test('the page shows every second of a run, even after a lost connection, after a reload and in a second browser', async () => {
    const path = new TcpPath(Number(new URL(ui.address).port))
    await path.open()
    const browser = new TestBrowser()
    const { host } = new URL(ui.address)
    await browser.launch(`--host-resolver-rules=MAP ${host} 127.0.0.1:${path.port}`)
    try {
      const cut = await browser.open(ui.address)
      const run = await ui.run(cut, 'shop.burst.ts', { users: '4' })
      const reloaded = await ui.browser.open(ui.at(`/runs/${run}`))
      await isShown(reloaded, 'live')
      await cut.evaluate('globalThis.wasNotReloaded = true')
      await path.cut()
      await cut.getByText('The connection to burst is lost').waitFor()
      const { received } = ui.target.counts()
      await expect.poll(() => ui.target.counts().received).toBeGreaterThan(received + 200)
      await path.open()
      await cut.getByText('The connection to burst is lost').waitFor({ state: 'detached' })
      browser.complaints.splice(0)
      await reloaded.reload()
      const second = await ui.browser.open(ui.at(`/runs/${run}`))
      const pages = [cut, reloaded, second]
      const told = (page: Page): Promise<number> => page.locator('.selection input').last().inputValue().then(secondsIn)
      for (const page of pages) await isShown(page, 'live')
      const untilS = await told(cut)
      for (const page of pages) {
        await expect.poll(() => told(page)).toBeGreaterThanOrEqual(untilS + 1)
        await page.evaluate(`location.hash = '#span=0-${untilS - 1}'`)
        await page.locator('.selection .hint').waitFor()
      }
      const live = await Promise.all(pages.map(requestsOn))
      await cut.keyboard.press('s')
      await cut.keyboard.press('Enter')
      for (const page of pages) await isShown(page, 'saved')
      const { seconds } = await reportOf(run)
      const counted = seconds.slice(0, untilS - 1).map(({ requests }) => requests)
      const sum = counted.reduce((a, b) => a + b, 0)
      expect(live).toEqual([sum, sum, sum])
      expect(Math.min(...counted)).toBeGreaterThan(0)
      expect(await Promise.all(pages.map(requestsOn))).toEqual(live)
      expect(await cut.evaluate('globalThis.wasNotReloaded')).toBe(true)
      await browser.closePages()
    } finally {
      await browser.end()
      await path.cut()
    }
  })

  test('after "Stop now" has cut off the requests in flight, a run has a complete report', async () => {
    const page = await ui.browser.open(ui.address)
    const run = await ui.run(page, 'shop.burst.ts', { users: '2' })
    await page.getByRole('button', { name: /^Stop/ }).click()
    await page.getByRole('button', { name: 'Stop now' }).click()
    await isShown(page, 'saved')
    const { completeness, verdict } = await reportOf(run)
    expect(completeness).toMatchObject({ complete: true, lost: [] })
    expect(verdict).toMatchObject({
      exitCode: 105,
      reasons: expect.arrayContaining([expect.stringMatching(/^stopped by a person at .* \(the page of burst ui\)$/)]),
    })
    expect(await wordsOf(page, '.verdict')).toContain(verdict.reasons[0])
  })

  test('a run from a terminal is shown in its own page and in burst ui, and both pages show the report after "Stop now"', async () => {
    const other = ui.burst([
      'run',
      'shop.burst.ts',
      '--local',
      '-u',
      '2',
      '-t',
      '10m',
      '--ui',
      '--ui-port',
      '0',
      '--no-open',
    ])
    const own = await ui.browser.open(await heard(other, /page +(\S+)/))
    await isShown(own, 'live')
    const page = await ui.browser.open(ui.address)
    const row = page.locator('tr', { has: page.locator('.state.running') })
    await row.getByRole('link').click()
    await isShown(page, 'live')
    await page.locator('.stack canvas').nth(2).waitFor()
    expect(runIn(own)).toBe(runIn(page))
    const before = await requestsOn(page)
    await expect.poll(() => requestsOn(page)).toBeGreaterThan(before)
    await page.keyboard.press('s')
    await page.getByRole('button', { name: 'Stop now' }).click()
    for (const one of [page, own]) await isShown(one, 'saved')
    expect((await other.ended).code).toBe(105)
    expect(await requestsOn(own)).toBe((await reportOf(runIn(page))).totals.requests)
  })
})

/** Returns the seconds in a text such as `01:05`, which is 65 seconds. */
function secondsIn(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
