import { describe, expect, test } from 'vitest'
import { Buckets } from '../../../core/report/gather/buckets.ts'
import { withOnset } from '../../../core/report/onset.ts'
import { emptyRequestSecond } from '../../../core/window/histograms/compact.ts'
import { emptyRequestCell, emptySecondCell, emptyWindow } from '../../../core/window/window.ts'

/**
 * Returns the counts of 40 s with ten `GET /a` requests per second. In each second, the requests take `ms(second)`, and `failing(second)` of them
 * fail. The number of users grows by 10 per second.
 */
function evidenceOf(ms: (second: number) => number, failing: (second: number) => number = () => 0) {
  const buckets = new Buckets({ seconds: 40 }, 5)
  const window = emptyWindow()
  const cell = { ...emptyRequestCell('GET', '/a', ['slow']), requests: 400 }
  for (let second = 0; second < 40; second++) {
    const counted = { ...emptyRequestSecond(), requests: 10, failures: failing(second) }
    for (let n = 0; n < 10; n++) counted.latency.record(ms(second) * 1000)
    cell.seconds.set(second, counted)
    window.seconds.set(second, { ...emptySecondCell(), users: 10 * (second + 1) })
  }
  window.requests.set('GET /a', cell)
  buckets.add(0, window)
  return { buckets, totals: window, closed: true }
}

function noteOf(expression: string, evidence: ReturnType<typeof evidenceOf>): string | null {
  return withOnset(
    { expression, value: 1, unit: '', passed: false, note: null, certain: false, sameIfShorter: false },
    evidence,
  ).note
}

describe('a threshold that failed', () => {
  const slowLater = evidenceOf((second) => (second < 20 ? 100 : 900))

  test.each(['p95 < 500ms', 'GET /a: p99 < 500ms', '/a: p50 < 500ms', 'tag:slow: p95 < 500ms'])(
    'the note on a failed threshold says when the value went beyond the limit, and at how many users: %s',
    (expression) => {
      expect(noteOf(expression, slowLater)).toMatch(/^beyond the limit from 00:20 on, at 210 users$/)
    },
  )

  test('a failed threshold has no note if only one second is slow', () => {
    expect(
      noteOf(
        'p95 < 500ms',
        evidenceOf((second) => (second === 7 ? 5000 : 100)),
      ),
    ).toBeNull()
  })

  test('if the value was beyond the limit from the start, the note says so', () => {
    expect(
      noteOf(
        'p95 < 500ms',
        evidenceOf(() => 900),
      ),
    ).toBe('beyond the limit from the start')
  })

  test('in the open model, the note on an error threshold names the time but not the number of users', () => {
    const failing = evidenceOf(
      () => 100,
      (second) => (second < 30 ? 0 : 5),
    )
    expect(noteOf('errors < 1%', { ...failing, closed: false })).toMatch(/^beyond the limit from 00:30 on$/)
  })

  test.each(['rps > 100', 'max < 10ms', 'check:title: errors < 1%'])(
    'a failed threshold has no note about its onset if its measure is not recorded over time: %s',
    (expression) => {
      expect(noteOf(expression, slowLater)).toBeNull()
    },
  )
})

test('a threshold that held has no note about an onset', () => {
  const held = {
    expression: 'p95 < 5s',
    value: 1,
    unit: 'ms',
    passed: true,
    note: null,
    certain: false,
    sameIfShorter: false,
  }
  expect(
    withOnset(
      held,
      evidenceOf(() => 1),
    ),
  ).toBe(held)
})
