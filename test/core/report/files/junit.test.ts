import { expect, test } from 'vitest'
import { junitXml } from '../../../../core/report/files/junit.ts'
import type { Report } from '../../../../core/report/report.ts'
import { failingReport } from '../../../fixtures/reports/failing-report.ts'
import { makeReport } from '../../../fixtures/reports/report.ts'

type Told = [name: string, outcome: string, message?: string]

/** Returns each test case with its result. The strings are still escaped, as in the file. */
function casesIn(report: Report): Told[] {
  const xml = junitXml(report)
  return [
    ...xml.matchAll(/<testcase classname="[^"]*" name="([^"]*)"(?:\/>|>\s*<(failure|skipped) message="([^"]*)")/g),
  ].map(([, name = '', outcome = 'passed', message]) =>
    message === undefined ? [name, outcome] : [name, outcome, message],
  )
}
const attributesOf = (xml: string): string | undefined => /<testsuites ([^>]*)>/.exec(xml)?.[1]
const whole = 'the report contains all counts'

test('junit.xml of a passed run has a passed test case for each threshold and for completeness', () => {
  const report = makeReport()
  expect(casesIn(report)).toEqual([
    ['p95 &lt; 500ms', 'passed'],
    ['POST /cart: p99 &lt; 1s', 'passed'],
    ['failures &lt; 1%', 'passed'],
    ['rps &gt; 100', 'passed'],
    [whole, 'passed'],
  ])
  expect(attributesOf(junitXml(report))).toBe(
    'name="checkout-peak" tests="5" failures="0" errors="0" skipped="0" time="180.000"',
  )
})

test('the test case of a failed threshold fails and contains the measured value', () => {
  const report = failingReport()
  expect(casesIn(report)[1]).toEqual(['POST /cart: p99 &lt; 1s', 'failure', 'it was 1.31 s'])
  expect(casesIn(report)).toHaveLength(5)
  expect(attributesOf(junitXml(report))).toContain('tests="5" failures="1" errors="0" skipped="0"')
  report.thresholds = [{ expression: 'x', value: null, unit: 'ms', passed: false, note: 'no request is called that' }]
  expect(casesIn(report)[0]).toEqual(['x', 'failure', 'no request is called that'])
})

test('when counts are missing, the test case for completeness fails, and the test cases of thresholds that held are skipped', () => {
  const report = makeReport()
  Object.assign(report.completeness, { complete: false, lost: ['worker 1 is missing from 1:05 on', 'worker 2, too'] })
  report.verdict = { result: 'inconclusive', reasons: ['incomplete'], exitCode: 98, stoppedBy: null }
  expect(casesIn(report).map(([, outcome]) => outcome)).toEqual(['skipped', 'skipped', 'skipped', 'skipped', 'failure'])
  expect(casesIn(report)[4]).toEqual([whole, 'failure', 'worker 1 is missing from 1:05 on'])
  expect(casesIn(report)[0]?.[2]).toBe('the threshold held with 362 ms, but the run is inconclusive')
})

test('inaccurate latencies that do not change the result are a skipped test case, and another reason for exit code 96 fails its own test case', () => {
  const sentence = 'the latencies may be inaccurate: 3 % of them'
  const remark = `${sentence}; shorter latencies would not change the result of the thresholds`
  const report = makeReport()
  Object.assign(report.generator, { result: 'inaccurate', reasons: [sentence] })
  report.verdict = { result: 'passed', reasons: ['all thresholds held', remark], exitCode: 0, stoppedBy: null }
  const skipped: Told = ['the latencies are accurate', 'skipped', sentence]
  expect(casesIn(report).slice(-2)).toEqual([[whole, 'passed'], skipped])
  const unended = '1.4 % of requests had not ended'
  report.verdict = { result: 'inconclusive', reasons: [unended, remark], exitCode: 96, stoppedBy: null }
  const load = 'the generator kept up and the load was as planned'
  expect(casesIn(report).slice(-2)).toEqual([[load, 'failure', unended], skipped])
})

test('each reason for an inconclusive run (generator-bound, load not as planned, inaccurate latencies) adds a skipped test case', () => {
  const name = 'the generator kept up and the load was as planned'
  const bound = makeReport()
  bound.verdict = { result: 'inconclusive', reasons: ['generator-bound'], exitCode: 0, stoppedBy: null }
  Object.assign(bound.generator, { result: 'bound', reasons: ['generator-bound: 4 % of requests were sent late'] })
  expect(casesIn(bound).at(-1)).toEqual([name, 'skipped', 'generator-bound: 4 % of requests were sent late'])
  const light = makeReport()
  light.verdict = {
    result: 'inconclusive',
    reasons: ['the load was 80 % of what was planned'],
    exitCode: 0,
    stoppedBy: null,
  }
  expect(casesIn(light).at(-1)).toEqual([name, 'skipped', 'the load was 80 % of what was planned'])
  // The exit code with --fail-on-inconclusive.
  light.verdict.exitCode = 96
  expect(casesIn(light).at(-1)).toEqual([name, 'failure', 'the load was 80 % of what was planned'])
  const inaccurate = makeReport()
  const sentence = 'the latencies may be inaccurate: 3 % of them'
  const accurate = 'the latencies are accurate'
  inaccurate.verdict = { result: 'inconclusive', reasons: [sentence], exitCode: 0, stoppedBy: null }
  Object.assign(inaccurate.generator, { result: 'inaccurate', reasons: [sentence, 'use more workers'] })
  expect(casesIn(inaccurate).at(-1)).toEqual([accurate, 'skipped', sentence])
  expect(casesIn(inaccurate).map(([of]) => of)).not.toContain(name)
  const both = { ...inaccurate, verdict: { ...inaccurate.verdict, exitCode: 96 } }
  both.generator = { ...inaccurate.generator, result: 'bound', uncertainShare: 0.03, judgedRequests: 1000 }
  both.generator.reasons = ['generator-bound: 4 % of requests were sent late', sentence]
  expect(casesIn(both).slice(-2)).toEqual([
    [name, 'failure', 'generator-bound: 4 % of requests were sent late'],
    [accurate, 'failure', sentence],
  ])
  const short = { ...inaccurate, load: { plannedUserSeconds: 100, deliveredUserSeconds: 80, deliveredShare: 0.8 } }
  short.verdict = { ...short.verdict, reasons: ['80 of 100 user-seconds', sentence] }
  expect(casesIn(short).slice(-2)).toEqual([
    [name, 'skipped', '80 of 100 user-seconds'],
    [accurate, 'skipped', sentence],
  ])
})

test('a test case about the generator also contains all other reasons of the verdict, except failed thresholds', () => {
  const textsOf = (report: Report): string[] =>
    [...junitXml(report).matchAll(/<skipped message="[^"]*">([^<]*)<\/skipped>/g)].map(([, text = '']) => text)
  const [sentence, hung] = ['the latencies may be inaccurate: 3 % of them', '3 users awaited a promise']
  const report = makeReport()
  report.thresholds = [{ expression: 'p95 < 1s', value: 2000, unit: 'ms', passed: false, note: null }]
  const reasons = [sentence, hung, 'threshold: it was 2 s', "threshold 'p95 < 1s' failed: it was 2 s"]
  report.verdict = { result: 'inconclusive', reasons, exitCode: 99, stoppedBy: null }
  Object.assign(report.generator, { result: 'inaccurate', reasons: [sentence, 'use more workers'] })
  expect(textsOf(report)).toEqual([`use more workers\n${hung}\nthreshold: it was 2 s`])
  const late = 'generator-bound: 4 % of requests were sent late'
  report.verdict.reasons = [late, hung]
  Object.assign(report.generator, { result: 'bound', reasons: [late, 'use more workers'] })
  expect(textsOf(report)).toEqual([`use more workers\n${hung}`])
})

test('the attributes of the test suite contain the numbers of its test cases, failures and skipped test cases', () => {
  const doubtful = makeReport()
  doubtful.verdict = { result: 'inconclusive', reasons: ['the load was low'], exitCode: 0, stoppedBy: null }
  const incomplete = failingReport()
  Object.assign(incomplete.completeness, { complete: false, lost: ['worker 1 is missing'] })
  incomplete.verdict = { result: 'inconclusive', reasons: ['incomplete'], exitCode: 98, stoppedBy: null }
  const counts = [makeReport(), failingReport(), doubtful, incomplete].map((report) => {
    const xml = junitXml(report)
    const [tests, failures, skipped] = ['testcase', 'failure', 'skipped'].map((of) => xml.split(`<${of} `).length - 1)
    const attributes = `tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}"`
    expect(xml.split(attributes)).toHaveLength(3)
    return [tests, failures, skipped]
  })
  expect(counts).toEqual([
    [5, 0, 0],
    [5, 1, 0],
    [6, 0, 5],
    [5, 2, 3],
  ])
})

test.each([
  [97, 'failed', 'the coordinator was lost'],
  [105, 'inconclusive', 'stopped by a person: Ctrl-C'],
  [107, 'failed', 'beforeRun threw'],
  [99, 'failed', 'no request succeeded'],
] as const)('exit code %i adds a test case that fails', (exitCode, result, reason) => {
  const report = makeReport()
  report.verdict = { result, reasons: [reason], exitCode, stoppedBy: null }
  expect(casesIn(report).at(-1)).toEqual(['the run ended well', 'failure', reason])
})
