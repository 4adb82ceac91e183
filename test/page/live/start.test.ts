import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { burst } from '../../cli/command-line.ts'
import { browserIsHere, wordsOf } from '../browser.ts'
import { PageOfBurstUi, runIn, shopScenario, violationsOf } from './page-of-burst-ui.ts'

describe.skipIf(!browserIsHere)('the form of a new run', () => {
  const ui = new PageOfBurstUi()
  beforeAll(() =>
    ui.start((origin) => ({
      'shop.burst.ts': shopScenario(origin),
      'arrivals.burst.ts': shopScenario(origin)
        .replace('constant, scenario, task }', 'arrivals, constant, scenario, task }')
        .replace('thresholds:', "load: [arrivals(5, '1s')], thresholds:"),
      'broken.burst.ts': 'export default 1 +',
    })),
  )
  afterAll(() => ui.end())
  afterEach(() => ui.browser.closePages())

  test('the form shows an error beside its field, with the same message as in the terminal', async () => {
    const page = await ui.browser.open(ui.address)
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.waitForSelector('.class')
    await page.locator('summary').click()
    const wrong: [field: string, typed: string, words: string][] = [
      ['users', '3x', '--users is 3xgive a whole number from 1 to 10,000,000'],
      ['spawnRate', 'fast', '--spawn-rate is fastgive a number per second, above 0 and up to 1,000,000'],
      ['runTime', 'soon', '--run-time is "soon", which is not a durationwrite it like'],
      ['workers', '0', '--workers is 0give a whole number from 1 to 1,000'],
      ['host', 'shop.example.com', "host 'shop.example.com' has no schemewrite https://shop.example.com"],
      ['vars', 'region', '--var is regionwrite it like --var region=eu'],
    ]
    for (const [field, typed] of wrong) await page.fill(`#field-${field}`, typed)
    for (const [field, , words] of wrong) {
      await page.waitForSelector(`#problem-${field}`)
      expect(await wordsOf(page, `#problem-${field}`)).toContain(words)
      expect(await page.locator(`#field-${field}`).getAttribute('aria-describedby')).toBe(`problem-${field}`)
    }
    expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
    const { code, stderr } = await burst(['plan', 'shop.burst.ts', '--local', '-u', '3x'], ui.folder)
    expect([code, stderr.replaceAll(/\s+/g, ' ')]).toEqual([104, expect.stringContaining('--users is 3x give a whole')])
    for (const [field] of wrong) await page.fill(`#field-${field}`, '')
    await page.waitForSelector('.price')
    await page.fill('#field-tags', 'none such')
    await page.waitForSelector('#problem-tags')
    expect(await wordsOf(page, '#problem-tags')).toContain('leave no task to runthe tags of this scenario are')
    await page.fill('#field-tags', '')
    await page.getByLabel('weight of Admin').fill('many')
    await page.waitForSelector('.classes .problems')
    expect(await wordsOf(page, '.classes .problems')).toContain('--weight is "Admin=many"')
    await page.selectOption('#field-file', 'broken.burst.ts')
    await page.waitForSelector('#problem-file')
    expect(await wordsOf(page, '#problem-file')).toMatch(/at broken\.burst\.ts:1/)
    expect(await violationsOf(page)).toEqual([])
  })

  test('for a scenario with arrivals, the form has a field for the rate, and no fields for users and spawn rate', async () => {
    const page = await ui.browser.open(ui.address)
    await page.selectOption('#field-file', 'arrivals.burst.ts')
    await page.waitForSelector('#field-rate')
    expect(await page.locator('#field-users, #field-spawnRate').count()).toBe(0)
    await page.fill('#field-rate', '20')
    await expect.poll(() => wordsOf(page, '.plan')).toContain('20 arrivals per second')
  })

  test('the form passes every field to the run, and shows the resulting plan before the start', async () => {
    const page = await ui.browser.open(ui.address)
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.waitForSelector('.class')
    await page.locator('summary').click()
    await page.getByLabel('Admin', { exact: true }).uncheck()
    await expect.poll(() => wordsOf(page, '.plan')).not.toContain('Admin')
    await page.getByLabel('Admin', { exact: true }).check()
    await page.getByLabel('weight of Admin').fill('2')
    const fields = { users: '3', spawnRate: '3', runTime: '3', workers: '1', host: ui.target.origin }
    const more = { tags: 'stock, browse', excludeTags: 'browse', vars: 'region=eu\nx=y=z', name: 'from the form' }
    for (const [name, value] of Object.entries({ ...fields, ...more, seed: 'abc' }))
      await page.fill(`#field-${name}`, value)
    await expect.poll(() => wordsOf(page, '.plan')).toContain('seed abc')
    const plan = await wordsOf(page, '.plan')
    expect(plan).toMatch(/ramp to 3 users over 1 s, hold 2 s.*1 worker.*costs nothing/)
    await page.getByRole('button', { name: 'Start' }).click()
    await page.waitForSelector('.verdict:not(.live)')
    expect(await wordsOf(page, 'h1')).toContain('from the form')

    const text = await readFile(join(ui.folder, 'burst-results', runIn(page), 'report.json'), 'utf8')
    const { run, requests, users } = JSON.parse(text) as Report
    expect(run).toMatchObject({ name: 'from the form', seed: 'abc', workers: 1, plan: { users: 3, durationMs: 3000 } })
    expect(plan).toContain(run.plan.words[0])
    expect(users.byClass).toMatchObject({ Admin: 3 })
    expect(requests.map(({ name }) => name)).toEqual(['/stock/:region'])
    expect(ui.target.counts().byPath).toEqual({ 'GET /stock/eu': requests[0]?.requests })
  })
})
