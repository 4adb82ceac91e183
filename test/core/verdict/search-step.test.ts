import { expect, test } from 'vitest'
import type { SearchStep } from '../../../core/fleet/changes/search.ts'
import { parseThreshold } from '../../../core/thresholds/threshold.ts'
import { judgeStep, overall } from '../../../core/verdict/search-step.ts'
import { windowEvidenceOf } from '../../../core/verdict/window-evidence.ts'
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

test('a step in which too many requests of the target fail is broken, even if the step was generator-bound', () => {
  expect(lateStep(50, 'status')).toMatchObject({ result: 'broke', note: null })
})

test('a generator-bound step is unclear if only times fail, or if burst itself caused the failures', () => {
  const unclear = { result: 'unclear', note: 'generator-bound: 20 % of requests were sent late' }
  expect(lateStep(0, 'status')).toMatchObject(unclear)
  expect(lateStep(50, 'generator')).toMatchObject(unclear)
})
