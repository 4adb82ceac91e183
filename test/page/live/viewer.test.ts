import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { showUi } from '../../../cli/ui/open-ui.ts'
import { givenBytesCap } from '../../../core/compare/given-report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { renderOutput } from '../../../functions/reducer/render-output.ts'
import { type RunningBurst, burst, startBurst } from '../../cli/command-line.ts'
import { heard } from '../../cli/journey.ts'
import { hostileReport } from '../../fixtures/reports/hostile-report.ts'
import { syntheticReport } from '../../fixtures/reports/synthetic-run.ts'
import { worstReport } from '../../fixtures/reports/troubled-report.ts'
import { TestBrowser, bottomOfCharts, browserIsHere, wordsOf } from '../browser.ts'

const evil = hostileReport()
const report = syntheticReport({ seconds: 60, names: 4 })

describe.skipIf(!browserIsHere)('burst ui as a viewer', () => {
  const browser = new TestBrowser()
  const viewers: RunningBurst[] = []
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'burst-viewer-'))
    await mkdir(join(folder, 'burst-results/one'), { recursive: true })
    for (const file of outputFiles)
      await writeFile(join(folder, 'burst-results/one', file), await renderOutput(report, file))
    await writeFile(join(folder, 'alone.html'), await renderOutput(report, 'report.html'))
    await writeFile(
      join(folder, 'hostile.html'),
      await renderOutput({ ...evil, run: { ...evil.run, id: 'r1' } }, 'report.html'),
    )
    await browser.launch()
  })
  afterAll(async () => {
    for (const { child } of viewers) child.kill('SIGINT')
    for (const { ended } of viewers) await ended
    await browser.end()
    await rm(folder, { recursive: true, force: true })
  })
  afterEach(() => browser.closePages())

  const view = async (what: string): Promise<string> => {
    const viewer = startBurst(['ui', what, '--ui-port', '0', '--no-open'], folder)
    viewers.push(viewer)
    return heard(viewer, /page +(\S+)/)
  }

  test('a folder of results is shown as a list without a form, and one click opens a run', async () => {
    const page = await browser.open(await view('burst-results/'))
    await page.getByRole('link', { name: report.run.name }).click()
    await page.waitForSelector(`.verdict.${report.verdict.result}`)
    await page.getByRole('link', { name: 'All runs' }).click()
    await page.locator('#runs table').waitFor()
    expect(await page.locator('form.start').count()).toBe(0)
  })

  test.each([['burst-results/one/report.json'], ['burst-results/one'], ['alone.html']])(
    'burst ui %s opens the run directly, and all files of the run can be downloaded',
    async (what) => {
      const page = await browser.open(await view(what))
      await page.waitForSelector(`.verdict.${report.verdict.result}`)
      expect(await page.locator('.stack canvas').count()).toBeGreaterThan(2)
      expect(await page.locator('.downloads a').count()).toBe(outputFiles.length)
      for (const file of outputFiles) {
        const status = await page.evaluate(
          `fetch('/api/runs/${report.run.id}/files/${file}').then(({ status }) => status)`,
        )
        expect([file, status]).toEqual([file, 200])
      }
    },
  )

  test("the verdict, the key values and all charts of a run fit on a first screen of 1280 × 800, below the page's bar", async () => {
    await writeFile(join(folder, 'worst.html'), await renderOutput(worstReport(), 'report.html'))
    const page = await browser.open(await view('worst.html'))
    await page.locator('.stack .chart canvas').nth(4).waitFor()
    expect(await bottomOfCharts(page)).toBeLessThanOrEqual(800)
  })

  test('strings of a hostile report are not shown as markup', async () => {
    const page = await browser.open(await view('hostile.html'))
    await page.waitForSelector('.verdict')
    expect(await page.locator('body img, body iframe, body [onload], body [onerror]').count()).toBe(0)
    await page.getByRole('link', { name: 'All runs' }).click()
    await page.locator('#runs table').waitFor()
    expect(await wordsOf(page, '#runs')).toContain('<')
  })

  test('the page shows one sentence for a file that cannot be shown', async () => {
    const { thresholds: _thresholds, ...half } = report
    const large = await open(join(folder, 'large.json'), 'w')
    await large.truncate(givenBytesCap + 1)
    await large.close()
    const files: Record<string, string> = {
      'empty.json': '',
      'list.json': '[]',
      'other.json': '{"name":"burst"}',
      'newer.json': JSON.stringify({ ...report, schemaVersion: 2 }),
      'half.json': JSON.stringify(half),
      'infinite.json': JSON.stringify(report).replace(/"startedAt":\d+/, '"startedAt":1e999'),
      'verdict.json': JSON.stringify({ ...report, verdict: { ...report.verdict, result: '<b>' } }),
      'name.json': JSON.stringify({ ...report, run: { ...report.run, id: '../../etc' } }),
      'series.json': JSON.stringify({ ...report, series: { ...report.series, data: 'AAAA' } }),
      'deep.json': '['.repeat(200_000),
      'page.html': '<!doctype html><title>a page</title>',
      'binary.html': '\u0000\uFFFD\u0001',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const place = { port: 0, host: '127.0.0.1', open: false }
    const say = (line: string): never => expect.unreachable(line)
    for (const named of [...Object.keys(files), 'large.json', 'gone.json', '/dev/null']) {
      const refusal = { exitCode: 104, message: expect.stringMatching(/^[^\n]{10,300}$/) as string }
      const shown = showUi({ named, cwd: folder, place, cloud: undefined, say }).catch((error: unknown) => error)
      expect([named, await shown]).toEqual([named, expect.objectContaining(refusal)])
    }
    const { code, stderr } = await burst(['ui', 'half.json', '--no-open'], folder)
    expect(code).toBe(104)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('half.json is not a complete burst report: thresholds is')
  })
})
