import { expect, test } from 'vitest'
import { plainStyle } from '../../../cli/terminal/style.ts'
import { renderSummary } from '../../../cli/terminal/render-summary.ts'
import type { Report } from '../../../core/report/report.ts'
import type { NamedRow } from '../../../core/verdict/results.ts'
import { hostileReport } from '../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../fixtures/reports/report.ts'

const spread = { min: 1, mean: 12, p50: 10.4, p75: 20, p90: 30, p95: 41, p99: 180, p999: 900, max: 1803 }

function row(method: string, name: string, requests: number, failures: number): NamedRow {
  const [template] = makeReport().requests as [NamedRow]
  const share = failures / requests
  return {
    ...template,
    method,
    name,
    requests,
    failures,
    rps: requests / 20,
    failureShare: share,
    latencyMs: spread,
    fromIntentMs: { ...spread, p99: 201 },
  }
}

function report(over: Partial<Report> = {}): Report {
  const requests = [row('GET', '/product/:id', 4000, 0), row('POST', '/cart', 812, 12)]
  const base = makeReport()
  return {
    ...base,
    run: { ...base.run, name: 'shop', host: 'http://127.0.0.1:8080', startedAt: 0, endedAt: 20_000 },
    totals: row('', '', 4812, 12),
    requests,
    errors: [],
    exceptions: [],
    thresholds: [{ expression: 'p95 < 400ms', value: 41, unit: 'ms', passed: true, note: null }],
    checks: [],
    events: [],
    arrivals: null,
    users: {
      byClass: { Shopper: 200 },
      started: 200,
      failedToStart: 0,
      unharmed: 190,
      exhausted: 0,
      missedIterations: 0,
      carried: 0,
      begunAnew: 0,
    },
    completeness: {
      complete: true,
      slicesExpected: 2,
      slicesReported: 2,
      windowsExpected: 40,
      windowsMerged: 40,
      duplicatesDropped: 0,
      late: 0,
      unreadable: 0,
      lost: [],
    },
    generator: { ...base.generator, result: 'healthy', reasons: ['healthy: lag p99 0.8 ms'] },
    verdict: { result: 'passed', reasons: ['all thresholds held'], exitCode: 0, stoppedBy: null },
    ...over,
  }
}

test('the summary of a passed run has tables and sentences, and ends with the verdict', () => {
  expect(renderSummary(report(), 100, plainStyle)).toMatchInlineSnapshot(`
    "request           requests  failed  req/s   p50   p95    p99   max  intent
                                                                           p99
    GET /product/:id     4,000     0 %    200  10ms  41ms  180ms  1.8s   201ms
    POST /cart             812  1.48 %   40.6  10ms  41ms  180ms  1.8s   201ms
    all                  4,812  0.25 %    241  10ms  41ms  180ms  1.8s   201ms

    recorded       count  failed   p50   p95   p99    max
    WS price feed  4,000     0 %  15ms  72ms  96ms  105ms

    step      count  failed    p50    p95    p99   max
    checkout  9,402     0 %  711ms  2.56s  4.31s  5.5s

    thresholds
    ✓  p95 < 400ms  41 ms

    counts     complete: 2 of 2 workers reported, 40 messages merged, none lost
    generator  healthy: lag p99 0.8 ms
    users      200 started, 190 without a failure
    load       99.8 % of the planned load, 299,413 of 300,000 user-seconds

    ✓ passed  shop, http://127.0.0.1:8080, 20 s
       all thresholds held"
  `)
})

test('the summary of a failed run shows failures, failed thresholds and checks, dropped arrivals and missing counts', () => {
  const failed = report({
    errors: [
      {
        method: 'POST',
        name: '/cart',
        kind: 'status',
        message: 'status 503',
        count: 11,
        firstAt: 0,
        lastAt: 1,
        exemplars: [],
      },
      {
        method: 'POST',
        name: '/cart',
        kind: 'network',
        message: 'ECONNRESET: the target closed the connection before the answer',
        count: 1,
        firstAt: 0,
        lastAt: 1,
        exemplars: [],
      },
    ],
    exceptions: [{ message: "TypeError: Cannot read properties of undefined (reading 'id')", stack: '', count: 3 }],
    thresholds: [
      { expression: 'errors < 0.1%', value: 0.2494, unit: '%', passed: false, note: null },
      { expression: 'rps > 100', value: 240.6, unit: '/s', passed: true, note: null },
      {
        expression: 'check:has price: errors < 1%',
        value: null,
        unit: '%',
        passed: false,
        note: 'no such check was made',
      },
    ],
    checks: [{ name: 'has price', passed: 3990, failed: 10 }],
    arrivals: { offered: 4000, started: 3990, dropped: { pool: 8, generator: 2, lost: 0 } },
    users: {
      byClass: {},
      started: 200,
      failedToStart: 4,
      unharmed: 180,
      exhausted: 1,
      missedIterations: 0,
      carried: 0,
      begunAnew: 0,
    },
    events: [{ at: 12, text: 'worker 1 ended early' }],
    completeness: {
      ...report().completeness,
      complete: false,
      slicesReported: 1,
      lost: ['worker 1: nothing from 00:12 to 00:20'],
    },
    generator: {
      ...report().generator,
      result: 'bound',
      reasons: [
        'generator-bound: 3.1 % of requests were sent late, from 00:05 on worker 1',
        'use fewer users per worker',
        'latencies are accurate to within 2.1 ms (p99)',
      ],
    },
    verdict: {
      result: 'failed',
      reasons: ['incomplete: worker 1: nothing from 00:12 to 00:20', "'errors < 0.1%' was 0.25 %"],
      exitCode: 98,
      stoppedBy: null,
    },
  })
  expect(renderSummary(failed, 80, plainStyle)).toMatchInlineSnapshot(`
    "request           requests  failed  req/s   p50   p95    p99   max  intent
                                                                           p99
    GET /product/:id     4,000     0 %    200  10ms  41ms  180ms  1.8s   201ms
    POST /cart             812  1.48 %   40.6  10ms  41ms  180ms  1.8s   201ms
    all                  4,812  0.25 %    241  10ms  41ms  180ms  1.8s   201ms

    recorded       count  failed   p50   p95   p99    max
    WS price feed  4,000     0 %  15ms  72ms  96ms  105ms

    step      count  failed    p50    p95    p99   max
    checkout  9,402     0 %  711ms  2.56s  4.31s  5.5s

    failures
    11 ×  POST /cart  status 503
     1 ×  POST /cart  ECONNRESET: the target closed the connection before the answer

    exceptions in the scenario
    3 ×  TypeError: Cannot read properties of undefined (reading 'id')

    thresholds
    ✗  errors < 0.1%                 0.25 %
    ✓  rps > 100                     241/s
    ✗  check:has price: errors < 1%  –, no such check was made

    checks
    ✗  has price  3,990 passed, 10 failed

    counts     incomplete: 1 of 2 workers reported
    generator  generator-bound: 3.1 % of requests were sent late, from 00:05 on
               worker 1
               use fewer users per worker
               latencies are accurate to within 2.1 ms (p99)
    users      200 started, 180 without a failure, 4 failures to start, 1 stopped
               because no data was left
    load       99.8 % of the planned load, 299,413 of 300,000 user-seconds
    arrivals   4,000 planned, 3,990 started, 8 dropped because no user was free, 2
               dropped because burst was late
    at 00:12   worker 1 ended early

    ✗ failed  shop, http://127.0.0.1:8080, 20 s
       incomplete: worker 1: nothing from 00:12 to 00:20
       'errors < 0.1%' was 0.25 %"
  `)
})

test('long lists are cut, and a line gives the number of rows that are not shown', () => {
  const many = report({ requests: Array.from({ length: 45 }, (_, k) => row('GET', `/page/${k}`, 1, 0)) })
  const shown = renderSummary(many, 80, plainStyle)
  expect(shown).toContain('and 5 more names, in report.html')
  expect(shown).not.toContain('/page/40')
})

test('if the list of names is cut, the row (other names) is still shown', () => {
  const many = [
    ...Array.from({ length: 60 }, (_, k) => row('GET', `/page/${k}`, 1, 0)),
    row('', '(other names)', 9e6, 0),
  ]
  const shown = renderSummary(report({ requests: many }), 80, plainStyle)
  expect(shown).toMatch(/\/page\/38 .*\n\(other names\) +9,000,000 /)
  expect(shown).not.toContain('/page/39')
  expect(shown).toContain('and 21 more names, in report.html')
})

test('control characters from the target or the scenario are not printed, and all lines fit into the terminal', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\r\nGET\u202E'
  const shown = renderSummary(
    report({
      requests: [row(evil, evil.repeat(20), 5, 5)],
      errors: [
        {
          method: evil,
          name: evil,
          kind: 'status',
          message: evil.repeat(100),
          count: 1,
          firstAt: 0,
          lastAt: 0,
          exemplars: [],
        },
      ],
      checks: [{ name: evil, passed: 1, failed: 0 }],
      events: [{ at: null, text: evil }],
      verdict: { result: 'failed', reasons: [evil], exitCode: 99, stoppedBy: evil },
    }),
    80,
    plainStyle,
  )
  for (const text of [shown, renderSummary(hostileReport(), 80, plainStyle)]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
  expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('with more than 40 checks, the summary shows the failed checks first and gives the number of checks that it does not show', () => {
  const checks = Array.from({ length: 45 }, (_, at) => ({ name: `check ${at}`, passed: 10, failed: at === 44 ? 3 : 0 }))
  const lines = renderSummary(report({ checks }), 100, plainStyle).split('\n')
  const from = lines.indexOf('checks')
  expect(lines[from + 1]).toMatch(/^✗ {2}check 44 +10 passed, 3 failed$/)
  expect(lines[from + 2]).toMatch(/^✓ {2}check 0 +10 passed$/)
  expect(lines[from + 41]).toBe('and 5 more, in report.html')
})
