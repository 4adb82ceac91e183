import { expect, test } from 'vitest'
import { renderHtml } from '../../../core/report/html.ts'
import type { Report } from '../../../core/report/report.ts'
import { readPageAssets } from '../../../functions/reducer/assets.ts'
import { failingReport } from '../../fixtures/failing-report.ts'
import { hostileReport } from '../../fixtures/hostile-report.ts'
import { makeReport } from '../../fixtures/report.ts'

const assets = await readPageAssets()
const render = (report: Report): string => renderHtml(report, assets)
const words = (report: Report): string =>
  render(report)
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[\s\u00A0]+/g, ' ')

test('the policy allows exactly the styles and scripts that are in the page', () => {
  const page = render(makeReport())
  const policy =
    /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  const hashes = (element: string): string[] =>
    [...page.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))].map(
      ([, text]) => `'sha256-${assets.sha256(text ?? '')}'`,
    )
  expect(policy).toContain(`script-src ${hashes('script').join(' ')};`)
  expect(policy).toContain(`style-src ${hashes('style').join(' ')};`)
  expect(hashes('script')).toHaveLength(2)
})

test('line ends of another system do not change the hashes that a browser sees', () => {
  const dos = { ...assets, pageJs: assets.pageJs.replaceAll('\n', '\r\n') }
  expect(renderHtml(makeReport(), dos)).toBe(render(makeReport()))
})

test('nothing in the page points to another place', () => {
  const markup = render(hostileReport()).replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
  expect(markup.match(/<[^>]*\s(src|action|style|on\w+)=["']/g)).toBeNull()
  const links = [...markup.matchAll(/<[^>]*\shref="([^"]*)"/g)].map(([, href]) => href ?? '')
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(markup).toContain(`id="${link.slice(1)}"`)
})

test('no text from outside makes an element', () => {
  const elements = (report: Report): string[] =>
    [...new Set([...render(report).matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name]) => name ?? ''))].toSorted()
  expect(elements(hostileReport())).toEqual(elements(failingReport()))
})

test('a failed run says so and why before anything else', () => {
  expect(words(failingReport())).toMatch(
    /✗ Failed POST \/cart: p99 was 1\.31 s, the limit is 1 s\. .*3 of 4 thresholds held.*exit code 99.*Users, peak/,
  )
})

test('each verdict has a word and a sign of its own', () => {
  const report = makeReport()
  report.verdict.result = 'inconclusive'
  expect(words(report)).toContain('? Inconclusive')
  expect(words(makeReport())).toContain('✓ Passed')
})

test('an incomplete run is never called complete', () => {
  const report = makeReport()
  Object.assign(report.completeness, { complete: false, lost: ['slice 1 is missing from 1:05 on'] })
  expect(words(report)).toContain('✗ Something that was counted is not in this report. slice 1 is missing from 1:05 on')
  expect(words(report)).not.toContain('Everything that was counted')
})

test('what was not measured is said in words', () => {
  const report = makeReport()
  report.generator = { ...report.generator, result: 'unknown', lagMs: { p50: null, p99: null, max: null } }
  report.thresholds = [{ expression: 'check:title: passed > 99%', value: null, unit: '%', passed: false, note: null }]
  expect(words(report)).toContain('Whether the generator kept up could not be measured.')
  expect(words(report)).toContain('not measured ✗ no')
})

test('dropped arrivals are shown by cause', () => {
  const report = makeReport()
  report.arrivals = { offered: 1000, started: 941, dropped: { pool: 40, generator: 12, lost: 7 } }
  expect(words(report)).toMatch(
    /59 arrivals dropped.*Arrivals Planned 1,000 Started 941 .*no user was free 40 .*was late 12 .*was lost 7/,
  )
})

test('a run in the cloud shows its cost, one on this machine does not', () => {
  const report = makeReport()
  Object.assign(report.run, { backend: 'aws', regions: ['eu-west-1'] })
  report.cost = { estimateUsd: 1.8, actualUsd: 1.79, lines: [{ what: 'Lambda', usd: 1.79 }] }
  expect(words(report)).toContain('Estimated before $1.80 Actual $1.79 Lambda $1.79')
  expect(words(makeReport())).not.toContain('Estimated before')
})

test('a run in which nothing happened still makes a page', () => {
  const report = makeReport({ windows: 1, names: 1 })
  const nothing: Partial<Report> = {
    requests: [],
    seconds: [],
    windows: [],
    workers: [],
    iterations: [],
    checks: [],
    steps: [],
    metrics: [],
    thresholds: [],
    events: [],
  }
  Object.assign(report, nothing)
  expect(words(report)).toContain('What the numbers mean')
})

test('the exact number stands beside each shortened one', () => {
  const report = makeReport()
  report.totals.requests = 1_234_567
  expect(render(report)).toMatch(/title="1,234,567"\s*>1.23\u00A0M</)
})

test('many workers are folded away, and those that were relaunched are counted', () => {
  const report = makeReport()
  const [worker] = report.workers
  if (worker === undefined) throw new Error('no worker')
  report.workers = Array.from({ length: 40 }, (_, slice) =>
    Object.assign(structuredClone(worker), { slice, attempts: slice < 3 ? 2 : 1 }),
  )
  expect(words(report)).toContain('40 workers, 3 of them relaunched')
})

test('a run of an hour with fifty names stays below 1.5 MB', () => {
  expect(Buffer.byteLength(render(makeReport({ windows: 720, names: 50 })))).toBeLessThan(1_500_000)
})
