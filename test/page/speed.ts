import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { renderHtml } from '../../core/report/html/html.ts'
import type { Report } from '../../core/report/report.ts'
import { readPageAssets } from '../../functions/reducer/assets.ts'
import { makeReport } from '../fixtures/reports/report.ts'
import { syntheticReport } from '../fixtures/reports/synthetic-run.ts'
import { TestBrowser } from './browser.ts'

/** `npm run speed:page [report.json]`: prints the size of the page, the time until it can be used, and its longest tasks. */
const [given] = process.argv.slice(2)
const times = 5
const browser = new TestBrowser()

function print(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(44)} ${value}\n`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

/** Returns the time in milliseconds from the navigation until the program has drawn the report and responds. */
function interactiveMs(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((answer) => {
    const wait = () => 'ready' in document.documentElement.dataset
      ? setTimeout(() => answer(performance.now()))
      : requestAnimationFrame(wait)
    wait()
  })`)
}

async function sizes(report: Report): Promise<void> {
  const assets = await readPageAssets()
  const kb = (text: string): string => `${(Buffer.byteLength(text) / 1000).toFixed(0)} kB`
  print('script', kb(assets.script))
  print('report without requests', kb(renderHtml({ ...makeReport({ windows: 1, names: 1 }), requests: [] }, assets)))
  print('this report', kb(renderHtml(report, assets)))
}

async function tasks(page: Page, what: string, act: () => Promise<unknown>): Promise<void> {
  const [longest] = await browser.tasksWhile(page, async () => {
    await act()
  })
  const { wallMs = 0, cpuMs = 0 } = longest ?? {}
  print(`longest task: ${what}`, `${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of them on a processor`)
}

const report =
  given === undefined
    ? syntheticReport({ seconds: 720, names: 50, perSecond: 8 })
    : (JSON.parse(readFileSync(given, 'utf8')) as Report)
await browser.launch()
try {
  await sizes(report)
  const measured: number[] = []
  for (let k = 0; k < times; k++)
    measured.push(await interactiveMs(await browser.openReport(report, { unready: true })))
  print(`interactive after, median of ${times}`, `${median(measured).toFixed(0)} ms`)
  const page = await browser.openReport(report)
  const loading = await browser.tasksWhile(page, async () => {
    await page.reload()
    await page.waitForSelector('html[data-ready]')
  })
  print('processor time until then', `${loading.reduce((sum, { cpuMs }) => sum + cpuMs, 0).toFixed(0)} ms`)
  await tasks(page, 'selection', () => page.getByRole('button', { name: 'Last minute' }).click())
  await tasks(page, 'group', () => page.getByLabel('group').selectOption('task'))
  await tasks(page, 'open a name', () => page.locator('#requests button.link').first().click())
  await tasks(page, 'compare', async () => {
    await page.locator('input[type=file]').setInputFiles(fileURLToPath(page.url().replace(/#.*/, '')))
    await page.locator('#compare table').waitFor()
  })
  await browser.closePages()
} finally {
  await browser.end()
}
