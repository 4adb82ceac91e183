import { expect, test } from 'vitest'
import { hold, ramp } from '../../../core/authoring/load-stages.ts'
import { plan, staged } from '../../fixtures/planning.ts'

const steady = staged(ramp(10, '0s'), hold('1h'))
const onAws = { backend: 'aws', region: 'eu-central-1' } as const

test('a worker on AWS hands its users over after 10 minutes, or sooner if the stop timeout is long', () => {
  expect(plan(steady, {}, onAws).handOver?.intervalMs).toBe(600_000)
  expect(plan(steady, { stopTimeoutMs: 400_000 }, onAws).handOver?.intervalMs).toBe(430_000)
  expect(plan(steady, { intervalMs: 12 * 60_000 }, onAws).handOver?.intervalMs).toBe(720_000)
})

test('a worker on one machine hands its users over only if an interval is given, and only at the end of a window', () => {
  expect(plan(steady).handOver).toBeUndefined()
  expect(plan(steady, { intervalMs: 7_000 }).handOver?.intervalMs).toBe(5_000)
})

test('a hand-over interval is refused if it is shorter than a window, or is too long for one invocation', () => {
  expect(() => plan(steady, { intervalMs: 4_999 })).toThrow('--interval is 4,999 ms')
  expect(() => plan(steady, { intervalMs: 600_000, stopTimeoutMs: 400_000 }, onAws)).toThrow(
    expect.objectContaining({ hint: 'give at most --interval 7m10s, or a shorter --stop-timeout' }),
  )
  expect(() => plan(steady, { stopTimeoutMs: 900_000 }, onAws)).toThrow('a worker on AWS has no time for the load')
})
