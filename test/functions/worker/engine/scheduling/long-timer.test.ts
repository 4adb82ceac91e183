import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { inTime } from '../../../../../functions/worker/engine/http/judging/own-judgement.ts'

const dayMs = 86_400_000

test('a timer may be set to more than 24.8 days, the longest time of setTimeout, and even to an infinite time', async ({
  onTestFinished,
}) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  // The engine stores `setTimeout` and `clearTimeout` when its code is loaded. The test therefore loads this code again after it has installed the
  // fake timers.
  vi.resetModules()
  const { LongTimer } = await import('../../../../../functions/worker/engine/scheduling/long-timer.ts')
  const due: number[] = []
  const begin = (days: number): InstanceType<typeof LongTimer> => new LongTimer(() => due.push(days), days * dayMs)
  for (const days of [1, 24, 30, 365, Number.POSITIVE_INFINITY]) begin(days)
  const cleared = begin(60)
  const dueOnDay: Record<number, number[]> = {}
  for (let day = 1; day <= 400; day++) {
    vi.advanceTimersByTime(dayMs)
    if (day === 30) cleared.clear()
    dueOnDay[day] = [...due]
  }
  expect(dueOnDay).toMatchObject({ 1: [1], 23: [1], 24: [1, 24], 29: [1, 24], 30: [1, 24, 30], 400: [1, 24, 30, 365] })
})

test('a function of the scenario may take as long as the timeout of its request, even if the timeout is more than 24.8 days', async () => {
  expect(await inTime(sleep(50, 'late'), 30 * dayMs, 'a function')).toBe('late')
})
