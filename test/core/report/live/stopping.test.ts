import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Stop } from '../../../../core/fleet/control.ts'
import { LiveReporter, type LiveState } from '../../../../core/report/live/live-report.ts'
import { planOf, startAt } from '../../../fixtures/run.ts'

test('while a run is being stopped, its report says who stopped the run and why', () => {
  const plan = planOf()
  const words = (stop: Partial<Stop>, failure: LiveState['failure'] = null) =>
    new LiveReporter(plan, deflateRawSync).facts(startAt + 1000, {
      events: [],
      failed: [],
      failure,
      shards: [],
      control: { v: 1, startAt, leaseUntil: startAt + 10 ** 9, stop: { reason: 'Ctrl-C', at: startAt, ...stop } },
    }).stopping
  expect(words({})).toBe('a stop was requested: Ctrl-C')
  const rule = "'errors < 10%' failed over 30 s (it was 14.2 %)"
  expect(words({ reason: rule, aborted: { certain: true } })).toBe(`burst stopped the run: ${rule}`)
  expect(words({ reason: 'the search is over', searched: true })).toBe('burst ended the load: the search is over')
  const failure = { reason: 'runFailed', message: 'the disk is full' } as const
  expect(words({ reason: failure.message }, failure)).toBe('burst stopped the run: the disk is full')
})
