import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { syntheticReport } from '../fixtures/synthetic-run.ts'
import { TestBrowser } from './browser.ts'

/** `npm run screenshots`: renders the report into docs/images, to be looked at and shown in the README. */
const folder = join(import.meta.dirname, '../../docs/images')
const wide = { viewport: { width: 1280, height: 800 } }
const phone = { viewport: { width: 400, height: 860 } }

interface Shot {
  file: string
  hash?: string
  options: BrowserContextOptions
  /** Brought into view before the picture is taken. */
  section?: string
}

const shots: Shot[] = [
  { file: 'report', options: wide },
  { file: 'report-dark', options: { ...wide, colorScheme: 'dark' } },
  { file: 'report-selection', hash: '#span=85-125', options: wide },
  {
    file: 'report-name',
    hash: '#name=POST%20%2Fcart',
    options: { viewport: { width: 1280, height: 1300 } },
    section: '#name',
  },
  { file: 'report-phone', options: phone },
]

const browser = new TestBrowser()
await browser.launch()
try {
  mkdirSync(folder, { recursive: true })
  const report = syntheticReport({ trouble: true })
  for (const { file, hash = '', options, section } of shots) {
    const page = await browser.openReport(report, { ...options, hash })
    if (section) await page.locator(section).scrollIntoViewIfNeeded()
    await page
      .locator('.stack .u-over')
      .first()
      .hover({ position: { x: 200, y: 20 } })
    await page.screenshot({ path: join(folder, `${file}.png`) })
    process.stdout.write(`${join('docs/images', `${file}.png`)}\n`)
  }
  await browser.closePages()
} finally {
  await browser.end()
}
