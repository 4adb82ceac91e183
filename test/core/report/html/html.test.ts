import { expect, test } from 'vitest'
import { renderHtml } from '../../../../core/report/html/html.ts'
import type { Report } from '../../../../core/report/report.ts'
import { readPageAssets } from '../../../../functions/reducer/assets.ts'
import { failingReport } from '../../../fixtures/reports/failing-report.ts'
import { hostileReport } from '../../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../../fixtures/reports/report.ts'

const assets = await readPageAssets()
const render = (report: Report): string => renderHtml(report, assets)
const markup = (report: Report): string => render(report).replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, '')
const words = (report: Report): string =>
  markup(report)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[\s\u00A0]+/g, ' ')

test('the content security policy allows exactly the style and the script of the page', () => {
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
  expect(hashes('script')).toHaveLength(1)
})

test('the content security policy has the same hashes even if the build has Windows line endings', () => {
  const dos = { ...assets, style: assets.style.replaceAll('\n', '\r\n') }
  expect(renderHtml(makeReport(), dos)).toBe(render(makeReport()))
})

test('the HTML of the report page has no attribute that refers to an address, sets a style or runs a script', () => {
  expect(markup(hostileReport()).match(/<[^>]*\s(src|action|style|href|on\w+)=["']/g)).toBeNull()
})

test('no string in a report can create an HTML element in the page', () => {
  const elements = (report: Report): string[] =>
    [...new Set([...markup(report).matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, name]) => name ?? ''))].toSorted()
  expect(elements(hostileReport())).toEqual(elements(failingReport()))
})

test('the data in the page is the report without its windows, whatever strings the report contains', () => {
  const [, json = ''] =
    /<script type="application\/json" id="report">([\s\S]*?)<\/script>/.exec(render(hostileReport())) ?? []
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ ...hostileReport(), windows: [] })))
})

test('the page of a failed run says above its table that the run failed, and why', () => {
  expect(words(failingReport())).toMatch(/✗ Failed POST \/cart: p99 was 1\.31 s, the limit is 1 s\..*All requests/)
})

test.each([
  ['passed', '✓ Passed'],
  ['failed', '✗ Failed'],
  ['inconclusive', '? Inconclusive'],
  ['unjudged', '• Unjudged'],
] as const)('the page shows the verdict %s as a word and a symbol', (result, word) => {
  const report = makeReport()
  report.verdict.result = result
  expect(words(report)).toContain(word)
})
