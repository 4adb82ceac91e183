import { expect, test } from 'vitest'
import type { SearchStep } from '../../../core/fleet/changes/search.ts'
import { parseThreshold } from '../../../core/thresholds/threshold.ts'
import { judgeStep, overall } from '../../../core/verdict/search-step.ts'
import { type WindowEvidence, windowEvidenceOf } from '../../../core/verdict/window-evidence.ts'
import { emptyWindow, type ErrorCell } from '../../../core/window/window.ts'
import { cellOf, requestsOf } from '../../fixtures/run.ts'

/** Judges a step of 10 users in which 20 of 100 requests were sent late, and `failures` requests failed with the kind `kind`. */
function lateStep(failures: number, kind: ErrorCell['kind']): SearchStep {
  const until = ['p95 < 1ms', 'errors < 1%'].map((expression) => parseThreshold(expression))
  const window = emptyWindow()
  window.requests = requestsOf(cellOf('GET', '/', Array<number>(100).fill(10), failures))
  window.errors.set('GET /', { method: 'GET', name: '/', kind, message: '', count: failures } as ErrorCell)
  const evidence = windowEvidenceOf([...until, parseThreshold(overall)], window)
  evidence.judged = { requests: 100, late: 20, uncertain: 0 }
  return judgeStep({ model: 'users', span: { level: 10, fromMs: 0, toMs: 10_000 }, until, evidence })
}

test('a step breaks if too many requests fail because of the target, even if the step was generator-bound', () => {
  expect(lateStep(50, 'status')).toMatchObject({ result: 'broke', note: null })
})

test('a generator-bound step is unclear if only thresholds on times fail, or if burst itself caused the failures', () => {
  const unclear = { result: 'unclear', note: 'generator-bound: 20 % of requests were sent late' }
  expect(lateStep(0, 'status')).toMatchObject(unclear)
  expect(lateStep(50, 'generator')).toMatchObject(unclear)
})

test('latencies that may be too long make a step unclear only if shorter latencies could change its result', () => {
  const uncertain = (limit: string, share: number, more: Partial<WindowEvidence> = {}): SearchStep => {
    const until = [parseThreshold(`p95 < ${limit}`)]
    const window = emptyWindow()
    window.requests = requestsOf(cellOf('GET', '/', [...Array<number>(50).fill(10), ...Array<number>(50).fill(500)]))
    const evidence = { ...windowEvidenceOf([...until, parseThreshold(overall)], window), userUs: 100e6 }
    Object.assign(evidence, { judged: { requests: 100, late: 0, uncertain: share * 100 }, ...more })
    const model = more.arrivals ? 'arrivals' : 'users'
    return judgeStep({ model, span: { level: 10, fromMs: 0, toMs: 10_000 }, until, evidence })
  }
  const note = 'the latencies may be inaccurate: 48 % of the latencies may be too long'
  expect(uncertain('501ms', 0.48)).toMatchObject({ result: 'held', note: null })
  expect(uncertain('100ms', 0.06)).toMatchObject({ result: 'broke', note: null })
  expect(uncertain('100ms', 0.48)).toMatchObject({ result: 'unclear', note })
  // The delays took 3 % of the time of the users, so the target had less to do.
  expect(uncertain('501ms', 0.48, { delayUs: 3e6 })).toMatchObject({ result: 'unclear', note })
  // The delays may be the reason why no user was free.
  const arrivals = { started: 90, droppedPool: 10, droppedGenerator: 0 }
  expect(uncertain('501ms', 0.48, { arrivals })).toMatchObject({ result: 'unclear', note })
  expect(uncertain('501ms', 0, { arrivals })).toMatchObject({ result: 'broke' })
})

/** Judges a step of 10 users, or of 10 arrivals per second. No request was late, and `requests` requests succeeded in 10 ms each. */
function calmStep(model: 'users' | 'arrivals', requests: number, counts: Partial<WindowEvidence>): SearchStep {
  const until = [parseThreshold('p95 < 100ms')]
  const window = emptyWindow()
  if (requests > 0) window.requests = requestsOf(cellOf('GET', '/', Array<number>(requests).fill(10)))
  const evidence = { ...windowEvidenceOf([...until, parseThreshold(overall)], window), ...counts }
  return judgeStep({ model, span: { level: 10, fromMs: 0, toMs: 10_000 }, until, evidence })
}

test('users that ended by themselves are missing in a step, so the result of the step is `unclear` and not `held`', () => {
  const note = (share: string): string =>
    `users that had ended by themselves were missing for ${share} of the planned user-seconds: they called stop(), or no row was left in a unique() feed`
  const half = { userUs: 50e6, leftUs: 50e6 }
  expect(calmStep('users', 100, half)).toMatchObject({ result: 'unclear', note: note('50 %') })
  expect(calmStep('users', 0, { userUs: 0, leftUs: 100e6 })).toMatchObject({ result: 'unclear', note: note('100 %') })
  expect(calmStep('users', 100, { userUs: 96e6, leftUs: 4e6 })).toMatchObject({ result: 'held', note: null })
  expect(calmStep('users', 0, { userUs: 100e6 })).toMatchObject({ result: 'broke', note: null })
})

test('arrivals that ended early or did not run their iteration are missing in a step', () => {
  const arrivals = { started: 100, droppedPool: 0, droppedGenerator: 0 }
  const note = '50 % of the planned arrivals ended early, because no row was left in a unique() feed'
  expect(calmStep('arrivals', 100, { arrivals, exhausted: 50 })).toMatchObject({ result: 'unclear', note })
  expect(calmStep('arrivals', 0, { arrivals, exhausted: 50, unserved: 50 })).toMatchObject({ result: 'unclear', note })
  const failed = 'only 80 % of the planned arrivals happened'
  expect(calmStep('arrivals', 100, { arrivals, unserved: 20 })).toMatchObject({ result: 'unclear', note: failed })
  expect(calmStep('arrivals', 100, { arrivals, unserved: 4, exhausted: 4 })).toMatchObject({ result: 'held' })
})

test('users that ended by themselves do not prevent a step from breaking a threshold on a measured value', () => {
  const window = emptyWindow()
  window.requests = requestsOf(cellOf('GET', '/', Array<number>(100).fill(500)))
  const until = [parseThreshold('p95 < 100ms')]
  const evidence = windowEvidenceOf([...until, parseThreshold(overall)], window)
  Object.assign(evidence, { userUs: 50e6, leftUs: 50e6 })
  const span = { level: 10, fromMs: 0, toMs: 10_000 }
  expect(judgeStep({ model: 'users', span, until, evidence })).toMatchObject({ result: 'broke', note: null })
})

test('a step is unclear if more than 1 % of its requests were still open long after the other requests had ended', () => {
  const note =
    '37.5 % of requests had not ended, and were open for much longer than other requests: set a shorter timeout for these requests, or a longer step'
  expect(calmStep('users', 100, { userUs: 100e6, overdue: 60 })).toMatchObject({ result: 'unclear', note })
  expect(calmStep('users', 100, { userUs: 100e6, overdue: 1 })).toMatchObject({ result: 'held', note: null })
  expect(calmStep('users', 0, { userUs: 100e6, overdue: 10 })).toMatchObject({ result: 'broke', note: null })
})

test('if users sent no request that matches a threshold, a step is unclear, but if another request failed or did not end, the step breaks', () => {
  const until = ['p95 < 100ms', 'GET /rare: p95 < 1s'].map((expression) => parseThreshold(expression))
  const window = emptyWindow()
  const span = { level: 10, fromMs: 0, toMs: 10_000 }
  const judged = (failures: number, overdue: number): SearchStep => {
    window.requests = requestsOf(cellOf('GET', '/', Array<number>(100).fill(10), failures))
    const evidence = { ...windowEvidenceOf([...until, parseThreshold(overall)], window), userUs: 100e6, overdue }
    return judgeStep({ model: 'users', span, until, evidence })
  }
  const note =
    "'GET /rare: p95 < 1s' has no value, because users sent no matching request: use a longer step, or a higher load in the first step"
  expect(judged(0, 0)).toMatchObject({ result: 'unclear', note })
  expect(judged(1, 0)).toMatchObject({ result: 'broke', note: null })
  expect(judged(0, 1)).toMatchObject({ result: 'broke', note: null })
})
