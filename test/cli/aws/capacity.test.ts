import { expect, test } from 'vitest'
import { type Concurrency, checkCapacity, mayTake, mostWorkers } from '../../../cli/aws/capacity.ts'
import { hold, ramp } from '../../../core/authoring/load-stages.ts'
import type { DurationText } from '../../../core/duration.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { plan, staged } from '../../fixtures/planning.ts'

const account: Concurrency = { limit: 1000, unreserved: 900, peak: 100, reserved: null }
const half = { fit: false, take: undefined }

function withWorkers(workers: number, time: DurationText = '1m'): RunPlan {
  return plan(staged(ramp(workers, '1s'), hold(time)), { workers }, { backend: 'aws', region: 'x' })
}

test("a run uses at most half of the account's free concurrency", () => {
  expect(mayTake(account, half)).toBe(400)
  expect(() => checkCapacity(withWorkers(381), account, half)).not.toThrow()
  expect(() => checkCapacity(withWorkers(382), account, half)).toThrow('needs 401 concurrent executions')
})

test('if a run needs too much concurrency, the error gives the required concurrency, the available concurrency and a remedy', () => {
  const refusal = (workers: number) => {
    try {
      checkCapacity(withWorkers(workers), account, half)
    } catch (error) {
      return error
    }
    return undefined
  }
  expect(refusal(500)).toMatchObject({
    exitCode: 97,
    message:
      'the run needs 523 concurrent executions of Lambda: this account has a limit of 1,000 executions, of which 900 are unreserved; up to 100 unreserved executions were in use in the last hour; a run may use at most half of the 800 free executions',
    hint: 'reduce the run with --fit, or allow this concurrency with --take-concurrency 523',
  })
  expect(refusal(900)).toMatchObject({ hint: expect.stringContaining('Service Quotas') })
})

test('with --take-concurrency a run may use all of the free concurrency, but not more', () => {
  expect(() => checkCapacity(withWorkers(500), account, { fit: false, take: 523 })).not.toThrow()
  expect(mayTake(account, { fit: false, take: 5000 })).toBe(800)
})

test.each(
  (['1m', '2h'] as const).flatMap((time) => [10, 29, 100, 400, 1000, 9999].map((free) => [time, free] as const)),
)(
  'in a run of %s with a concurrency of %i, the computed maximum number of workers is accepted, and a larger number is refused',
  (time, free) => {
    const found = { ...account, unreserved: 2 * free, peak: 0 }
    const most = mostWorkers(withWorkers(1, time), found, half)
    expect(() => checkCapacity(withWorkers(most, time), found, half)).not.toThrow()
    expect(() => checkCapacity(withWorkers(most + 1, time), found, half)).toThrow('concurrent executions')
  },
)

test('the computed maximum number of workers is 0 if the concurrency does not suffice for the other functions', () => {
  expect(mostWorkers(withWorkers(1), { ...account, unreserved: 8, peak: 0 }, half)).toBe(0)
})

test('workers with reserved concurrency do not count against the unreserved concurrency', () => {
  const own = { ...account, unreserved: 105, reserved: 50 }
  expect(() => checkCapacity(withWorkers(50), own, half)).not.toThrow()
  expect(() => checkCapacity(withWorkers(51), own, half)).toThrow('this stack may run only 50 at a time')
  expect(mostWorkers(withWorkers(1), own, half)).toBe(50)
})

test('the reserved concurrency must suffice for the workers that wait for a hand-over', () => {
  const own = { ...account, reserved: 50 }
  expect(() => checkCapacity(withWorkers(50, '2h'), own, half)).toThrow(
    expect.objectContaining({
      message: 'the run needs 55 workers, but this stack may run only 50 at a time',
      hint: 'reduce the run with --fit, or deploy with a larger --reserve; 5 of these workers wait until they take over the users of other workers',
    }),
  )
  expect(mostWorkers(withWorkers(1, '2h'), own, half)).toBe(45)
  expect(() => checkCapacity(withWorkers(45, '2h'), own, half)).not.toThrow()
})

test('if concurrency is reserved for the workers, the free concurrency must suffice for the coordinator and the reducers', () => {
  const busy = { ...account, unreserved: 100, peak: 96, reserved: 50 }
  expect(() => checkCapacity(withWorkers(50), busy, half)).toThrow(
    'the run needs 5 concurrent executions of Lambda in addition to its workers, but only 4 are free',
  )
  expect(mostWorkers(withWorkers(1), busy, half)).toBe(25)
})
