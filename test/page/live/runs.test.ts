import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { unreadableCap } from '../../../core/report/live/ui-protocol.ts'
import { syntheticReport } from '../../fixtures/reports/synthetic-run.ts'
import { browserIsHere, wordsOf } from '../browser.ts'
import { PageOfBurstUi, hostile, shopScenario, violationsOf } from './page-of-burst-ui.ts'

const dayMs = 86_400_000
const shape = { seconds: 60, names: 4 }

/** Returns the report with its times moved by `day` days, and with the given id and name. */
function named(id: string, day: number, report: Report, name = id): Report {
  const { run } = report
  const later = { startedAt: run.startedAt + day * dayMs, endedAt: run.endedAt + day * dayMs }
  return { ...report, run: { ...run, ...later, id, name } }
}

function withScenario(scenario: string, report: Report): Report {
  return { ...report, run: { ...report.run, scenario } }
}

describe.skipIf(!browserIsHere)('the list of runs', () => {
  const ui = new PageOfBurstUi()
  const older = named('r-old', 0, syntheticReport(shape))
  const newer = named('r-new', 1, syntheticReport({ ...shape, trouble: true, seed: 2 }))
  const evil = named('r-evil', 2, withScenario('gone.burst.ts', syntheticReport(shape)), hostile)

  beforeAll(async () => {
    await ui.start((origin) => ({
      'shop.burst.ts': shopScenario(origin),
      'vault.burst.ts': shopScenario(origin.replace('//', '//ann:s3cret@')),
    }))
    const damaged = named('r-damaged', 3, { ...older, series: { ...older.series, data: 'AAAA' } })
    const { thresholds: _thresholds, workers: _workers, ...halfReport } = named('r-half', 4, older)
    const odd = [
      { ...older, run: { ...older.run, id: 'r-odd', name: 7 } },
      { ...older, run: { ...older.run, id: 'r-odd', startedAt: 1e300 } },
      { ...older, run: { ...older.run, id: '../r-odd' } },
      { ...older, run: { ...older.run, id: 'r-odd' }, verdict: { ...older.verdict, result: '__proto__' } },
      [],
      ...Array.from({ length: 20 }, () => 'not an object'),
    ]
    const folders = Object.entries({
      older,
      newer,
      evil,
      damaged,
      half: halfReport,
      ...Object.fromEntries(odd.entries()),
    })
    for (const [folder, report] of folders) {
      await mkdir(join(ui.folder, 'burst-results', folder), { recursive: true })
      await writeFile(join(ui.folder, 'burst-results', folder, 'report.json'), JSON.stringify(report))
    }
  })
  afterAll(() => ui.end())
  afterEach(() => ui.browser.closePages())

  test('the list of runs shows the verdict, date, users and p95 of each run, and the newest run comes first', async () => {
    const page = await ui.browser.open(ui.address)
    await page.locator('#runs table').waitFor()
    const rows = await page.locator('#runs tbody tr').allTextContents()
    expect(rows).toHaveLength(5)
    expect(rows[2]).toMatch(/^<img src=x onerror=alert\(1\)>/)
    expect(rows[3]).toMatch(/^r-new[✗?] \w+2026-11-22 \d\d:\d\d400[\d,]+[\d.]+\sms/)
    expect(rows[3]).toContain(newer.verdict.result)
    expect(rows[4]).toMatch(/^r-old[✓?] \w+2026-11-21/)
    const unreadable = await wordsOf(page, '.unreadable')
    expect(unreadable).toMatch(/^25 reports in this folder cannot be shown:.*and 5 more reports$/)
    expect(unreadable).toMatch(/4\/report\.json: it is not a report of this version of burst/)
    expect(unreadable).toMatch(/3\/report\.json: it contains values that are not valid in a burst report/)
    expect(await page.locator('.unreadable li').count()).toBe(unreadableCap + 1)
    expect(await violationsOf(page)).toEqual([])
    await page.getByRole('link', { name: 'r-new' }).click()
    await page.waitForSelector(`.verdict.${newer.verdict.result}`)
  })

  test('the page of a finished run has no button to stop the run, even while the report is loading', async () => {
    const page = await ui.browser.open(ui.address)
    const shown = Promise.withResolvers<void>()
    await page.route('**/files/report.json', async (route) => {
      await shown.promise
      await route.continue()
    })
    await page.getByRole('link', { name: 'r-new' }).click()
    await page.getByText('The run has ended. The page loads its report.').waitFor()
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
    shown.resolve()
    await page.waitForSelector(`.verdict.${newer.verdict.result}`)
  })

  test('the page compares two picked runs, and shows the comparison again after a reload', async () => {
    const page = await ui.browser.open(ui.address)
    const compare = page.locator('.picked button')
    expect(await compare.isDisabled()).toBe(true)
    await page.getByLabel(/^pick r-new/).focus()
    await page.keyboard.press('Space')
    expect(await wordsOf(page, '.picked')).toContain('Select a second run')
    await page.getByLabel(/^pick r-old/).focus()
    await page.keyboard.press('Space')
    await compare.press('Enter')
    await page.locator('#compare table').waitFor()
    const words = await wordsOf(page, '#compare')
    expect(words).toMatch(/Worse: .* of POST \/cart rose from/)
    expect(words).toMatch(/old r-old, 2026-11-21 .* new r-new, 2026-11-22 /)
    expect(await page.evaluate('location.pathname')).toBe('/compare/r-new/r-old')
    expect(await violationsOf(page)).toEqual([])
    await page.reload()
    await page.locator('#compare table').waitFor()
    await page.goBack()
    await page.locator('#runs table').waitFor()
    await page.goForward()
    await page.locator('#compare table').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('#runs table').waitFor()
    expect(await page.evaluate('location.pathname')).toBe('/')
  })

  test('"Run again" fills the form with the load, host and tags of an earlier run, and refuses a scenario outside the folder', async () => {
    const page = await ui.browser.open(ui.address)
    const fields = { users: '6', spawnRate: '3', runTime: '3s', workers: '1', host: ui.target.origin }
    await page.waitForSelector('.class')
    await page.locator('.start summary').click()
    for (const [name, value] of Object.entries({
      ...fields,
      tags: 'stock, browse',
      excludeTags: 'browse',
      name: 'mine',
    }))
      await page.fill(`#field-${name}`, value)
    await page.waitForSelector('.price')
    await page.locator('.plan .button:enabled').click()
    await page.waitForSelector('.verdict:not(.live)', { timeout: 60_000 })
    await page.goto(ui.at('/'))
    await page.getByRole('button', { name: `Run again: ${hostile}` }).click()
    await page.waitForSelector('.problems')
    expect(await wordsOf(page, '.problems')).toContain('is not among the scenarios of this page')
    await page.getByRole('button', { name: 'Run again: mine' }).press('Enter')
    await expect.poll(() => page.inputValue('#field-users')).toBe('6')
    expect(await page.locator('.problems').count()).toBe(0)
    const filled = await Promise.all(
      [...Object.keys(fields), 'file', 'tags', 'excludeTags', 'seed'].map((name) => page.inputValue(`#field-${name}`)),
    )
    // The field for the host stays empty, because the scenario file has the same host.
    expect(filled).toEqual([...Object.values({ ...fields, host: '' }), 'shop.burst.ts', 'stock, browse', 'browse', ''])
    expect(await page.getAttribute('#field-host', 'placeholder')).toBe(ui.target.origin)
    await expect.poll(() => wordsOf(page, '.plan')).toContain('ramp to 6 users over 2 s, hold 1 s')
  })

  test('"Run again" keeps the user name and the password of the host, whether they are in the scenario file or in the form', async () => {
    const page = await ui.browser.open(ui.address)
    await page.selectOption('#field-file', 'vault.burst.ts')
    await page.waitForSelector('.class')
    expect(await page.getAttribute('#field-host', 'placeholder')).toBe(ui.target.origin)
    expect(await page.content()).not.toContain('s3cret')
    const typed = ui.target.origin.replace('//', '//ben:pa55@')
    for (const [name, host] of [
      ['host of the file', ''],
      ['typed host', typed],
    ] as const) {
      await page.locator('.start summary').click()
      for (const [field, value] of Object.entries({
        users: '1',
        spawnRate: '1',
        runTime: '2s',
        workers: '1',
        host,
        name,
      }))
        await page.fill(`#field-${field}`, value)
      await page.waitForSelector('.price')
      await page.locator('.plan .button:enabled').click()
      await page.waitForSelector('.verdict:not(.live)', { timeout: 60_000 })
      expect(`${page.url()} ${await page.title()} ${await wordsOf(page)}`).not.toMatch(/s3cret|pa55/)
      await page.getByRole('link', { name: 'New run and all runs' }).click()
      await page.getByRole('button', { name: `Run again: ${name}` }).click()
      await expect.poll(() => page.inputValue('#field-name')).toBe('')
      expect(await page.inputValue('#field-file')).toBe('vault.burst.ts')
      expect(await page.inputValue('#field-host')).toBe(host)
    }
  })

  test('if "Run again" is pressed for two runs, the form is filled for the second run, even if the report of the first run arrives later', async () => {
    const page = await ui.browser.open(ui.address)
    const late = Promise.withResolvers<void>()
    await page.route('**/runs/r-old/files/report.json', async (route) => {
      await late.promise
      await route.fulfill({ json: { ...older, run: { ...older.run, workers: 7 } } })
    })
    await page.getByRole('button', { name: 'Run again: r-old' }).click()
    await page.getByRole('button', { name: 'Run again: r-new' }).click()
    await expect.poll(() => page.inputValue('#field-workers')).toBe('1')
    const arrived = page.waitForResponse(/r-old/)
    late.resolve()
    await (await arrived).finished()
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 500))')
    expect(await page.inputValue('#field-workers')).toBe('1')
  })

  test('at most two runs are selected: when a third run is selected, the first run is no longer selected', async () => {
    const page = await ui.browser.open(ui.address)
    for (const name of ['r-old', 'r-new', hostile]) await page.getByLabel(`pick ${name}`).check()
    expect(await page.getByLabel('pick r-old').isChecked()).toBe(false)
    await page.locator('.picked button').click()
    await page.locator('#compare table').waitFor()
    expect(await wordsOf(page, '#compare')).toMatch(/old r-new.*new <img src=x onerror=alert\(1\)>/)
  })

  test('the page shows one sentence instead of a damaged, incomplete or missing report', async () => {
    const cases: [path: string, words: string][] = [
      ['/runs/r-damaged', 'the series of the report of r-damaged cannot be read: the file is damaged'],
      ['/runs/r-half', 'the report of r-half cannot be shown: it is not a complete burst report'],
      ['/runs/r-gone', 'run r-gone has no file report.json'],
      ['/compare/r-old/r-damaged', 'the series of the report of r-damaged cannot be read: the file is damaged'],
      ['/compare/r-old/r-gone', 'run r-gone has no file report.json'],
    ]
    for (const [path, words] of cases) {
      const page = await ui.browser.open(ui.at(path))
      await page.waitForSelector('.problems')
      expect(await wordsOf(page, '.problems')).toContain(words)
      await page.getByRole('link', { name: 'New run and all runs' }).click()
      await page.locator('#runs table').waitFor()
    }
    // The browser logs an error for every 404 response, so these messages do not count as errors of the page.
    ui.browser.complaints.splice(0)
  })
})
