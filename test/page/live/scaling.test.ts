import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { browserIsHere, wordsOf } from '../browser.ts'
import { PageOfBurstUi, runIn, violationsOf } from './page-of-burst-ui.ts'

describe.skipIf(!browserIsHere)('the load of a run in the page', () => {
  const ui = new PageOfBurstUi()
  beforeAll(() =>
    ui.start((origin) => ({
      'users.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/user/' + this.index, { name: 'home' }) }
}
export default scenario({ host: '${origin}', users: [Visitor] })
`,
    })),
  )
  afterAll(() => ui.end())

  test('with the keyboard alone, a person can change and pause the load, and the charts show these events', async () => {
    const page = await ui.browser.open(ui.address)
    const run = await ui.run(page, 'users.burst.ts', { users: '2' })
    expect(run).toBe(runIn(page))
    await page.keyboard.press('e')
    await page.waitForSelector('dialog[open]')
    expect(await page.inputValue('#field-level')).toBe('2')
    expect(await violationsOf(page)).toEqual([])
    await page.fill('#field-level', 'many')
    await page.fill('#field-over', '-1s')
    await page.keyboard.press('Enter')
    await page.locator('#problem-level', { hasText: /--users is many/ }).waitFor()
    expect(await wordsOf(page, '#problem-over')).toContain('--over is')
    await page.fill('#field-level', '30')
    await page.fill('#field-over', '1s')
    await page.keyboard.press('Enter')
    await page.locator('.scaled', { hasText: /The load changes from 2 to 30 users over 1 s/ }).waitFor()
    await page.locator('.verdict.live .why', { hasText: '30 users, as planned' }).waitFor({ timeout: 60_000 })
    await page.keyboard.press('p')
    await page.locator('.pausing', { hasText: /The run pauses at \d\d:\d\d; its users keep their state/ }).waitFor()
    await page.locator('.verdict.live .word', { hasText: 'Paused' }).waitFor({ timeout: 60_000 })
    await page.locator('.verdict.live .why', { hasText: '0 users, as planned, until the run continues' }).waitFor()
    expect(await violationsOf(page)).toEqual([])
    const { received } = ui.target.counts()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.locator('.pausing', { hasText: /The run continues at \d\d:\d\d: 30 users come back over 5 s/ }).waitFor()
    expect(ui.target.counts().received).toBe(received)
    await page.locator('.verdict.live .why', { hasText: '30 users, as planned' }).waitFor({ timeout: 60_000 })
    await page.keyboard.press('s')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.verdict:not(.live)')
    const report = JSON.parse(await readFile(join(ui.folder, 'burst-results', run, 'report.json'), 'utf8')) as Report
    expect(Math.max(...report.seconds.map(({ users }) => users))).toBe(30)
    expect(Object.keys(ui.target.counts().byPath)).toHaveLength(30)
    expect(report.totals.exchanges + report.totals.interrupted).toBe(ui.target.counts().received)
    const events = await wordsOf(page, '#events')
    for (const text of [
      'the load changes from 2 to 30 users over 1 s',
      'the run is paused',
      'the run continues: 30 users come',
    ])
      expect(events).toContain(text)
  }, 180_000)
})
