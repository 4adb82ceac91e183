import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'
import { renderHtml } from '../../core/report/html/html.ts'
import type { Report } from '../../core/report/report.ts'
import { readPageAssets } from '../../functions/reducer/assets.ts'
import { type Task, tasksWhile } from './tasks.ts'

const executablePath = process.env['BURST_CHROMIUM'] ?? '/usr/bin/chromium'
/** `true` if a browser is installed. Without a browser, the tests of the page fail in CI and are skipped elsewhere. */
export const browserIsHere = browserAt(executablePath, process.env['CI'])

/** @throws Error when there is no browser at `path` and `ci` is set to something other than 'false' */
export function browserAt(path: string, ci: string | undefined): boolean {
  if (existsSync(path)) return true
  const missing = `no browser at ${path} (set BURST_CHROMIUM to one)`
  if (ci && ci !== 'false') throw new Error(missing)
  process.stderr.write(`skipped: ${missing}\n`)
  return false
}

/** A real browser. It records a complaint if a page logs a message, throws, opens a dialog or sends a request to an address outside the page. */
export class TestBrowser {
  readonly complaints: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'burst-page-'))
  #browser: Browser | undefined
  #files = 0

  /** @param more additional flags of Chromium */
  async launch(...more: readonly string[]): Promise<void> {
    const usual = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    this.#browser = await chromium.launch({ executablePath, args: [...usual, ...more] })
  }

  /** Opens the report as a file. Waits until the program of the page runs; does not wait if JavaScript is off or `unready` is set. */
  async openReport(
    report: Report,
    options: BrowserContextOptions & { hash?: string; unready?: boolean } = {},
  ): Promise<Page> {
    const file = join(this.#folder, `${this.#files++}.html`)
    writeFileSync(file, renderHtml(report, await readPageAssets()))
    const { hash = '', unready = false, ...context } = options
    const page = await this.open(pathToFileURL(file).href + hash, context)
    if (context.javaScriptEnabled !== false && !unready) await page.waitForSelector('html[data-ready]')
    return page
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const browser = this.#browser as Browser
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const own = new URL(url)
    page.on('console', (message) => this.complaints.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    page.on('dialog', (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      const asked = new URL(request.url())
      if (asked.origin !== own.origin || (own.protocol === 'file:' && asked.pathname !== own.pathname))
        this.complaints.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    return page
  }

  /** Returns the tasks that run on the page's main thread during `act`. The task with the most processor time comes first. */
  tasksWhile(page: Page, act: () => Promise<void>): Promise<Task[]> {
    return tasksWhile(this.#browser as Browser, page, act)
  }

  /** Closes the pages of a test, and fails if the browser recorded a complaint. */
  async closePages(): Promise<void> {
    for (const context of this.#browser?.contexts() ?? []) await context.close()
    if (this.complaints.length > 0) throw new Error(this.complaints.splice(0).join('\n'))
  }

  async end(): Promise<void> {
    await this.#browser?.close()
    rmSync(this.#folder, { recursive: true })
  }
}

/** Returns the text of the page or of a part of the page, with single spaces. */
export async function wordsOf(page: Page, part = 'main'): Promise<string> {
  const text = (await page.locator(part).first().textContent()) ?? ''
  return text.replaceAll(/[\s\u00A0]+/g, ' ').trim()
}

/** Returns the bottom edge of the charts, including their time axis, in pixels from the top of the page. */
export async function bottomOfCharts(page: Page): Promise<number> {
  const box = await page.locator('.stack .chart canvas').last().boundingBox()
  return (box?.y ?? Infinity) + (box?.height ?? 0)
}

/** Returns the number of pixels of a chart that are not transparent. */
export function drawn(page: Page, canvas: string): Promise<number> {
  const first = page.locator(canvas).first()
  return first.evaluate((element) => {
    const { width, height, getContext } = element as unknown as Canvas
    const { data } = getContext.call(element, '2d').getImageData(0, 0, width, height)
    return data.filter((value, k) => k % 4 === 3 && value > 0).length
  })
}

/**
 * Looks at three adjacent columns of pixels in a chart, and returns the number of pixels that are not transparent. `share` (0–1) is the position of
 * the columns on the time axis.
 */
export function drawnAt(page: Page, chart: string, share: number): Promise<number> {
  const first = page.locator(chart).first()
  return first.evaluate((element, at) => {
    const { querySelector } = element as unknown as { querySelector: (part: string) => Box & Canvas }
    const [canvas, over] = [querySelector.call(element, 'canvas'), querySelector.call(element, '.u-over')]
    const scale = canvas.width / canvas.clientWidth
    const x = Math.round((over.offsetLeft + over.clientWidth * at) * scale)
    const { data } = canvas.getContext('2d').getImageData(x - 1, 0, 3, canvas.height)
    return data.filter((value, k) => k % 4 === 3 && value > 0).length
  }, share)
}

interface Box {
  clientWidth: number
  offsetLeft: number
}

interface Canvas {
  width: number
  height: number
  getContext: (kind: '2d') => {
    getImageData: (...box: [x: number, y: number, width: number, height: number]) => { data: Uint8ClampedArray }
  }
}
