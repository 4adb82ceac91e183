import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { syntheticReport } from '../fixtures/synthetic-run.ts'
import { TestBrowser, browserIsHere } from './browser.ts'

const require = createRequire(import.meta.url)
const run = syntheticReport({ trouble: true })

describe.skipIf(!browserIsHere)('accessibility', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())
  afterEach(() => browser.closePages())

  test.each([
    ['light', {}],
    ['dark, with an open name and a selection', { colorScheme: 'dark', hash: '#span=60-120&name=POST%20%2Fcart' }],
    ['a phone, grouped', { viewport: { width: 400, height: 800 }, hash: '#group=task' }],
  ] as const)('a checker of accessibility finds no violation (%s)', async (_, options) => {
    const page = await browser.openReport(run, options)
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
    const found: unknown = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))',
    )
    expect(found).toEqual([])
  })
})
