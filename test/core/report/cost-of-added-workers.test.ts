import { expect, test } from 'vitest'
import { hold, ramp } from '../../../core/authoring/load-stages.ts'
import { profileOf } from '../../../core/plan/load/load.ts'
import { going, reportOf, workerOf } from '../../fixtures/reports/reported.ts'
import { intervalOf, planOf } from '../../fixtures/run.ts'

test('a worker that was added during the run costs nothing before the change that added it', () => {
  const billing = { workerMb: 1024, architecture: 'arm64', estimateUsd: 1 } as const
  const profile = profileOf([ramp(10, '0s'), hold('20m')])
  const plan = planOf({ workers: 1, profile, billing })
  const usdOf = (fromMs: number | null): number => {
    const slices = [{ slice: 1, first: 10, stride: 1, count: 10 }]
    const epochs = fromMs === null ? [] : [{ fromMs, profile: profileOf([ramp(20, '0s'), hold('20m')]), slices }]
    const last = [0, ...(fromMs === null ? [] : [1])].flatMap((slice) =>
      workerOf(slice, [intervalOf({ slice, second: 1195 })]),
    )
    return reportOf(last, { plan, control: { ...going, epochs } }).cost.lines[0]?.usd ?? Number.NaN
  }
  const alone = usdOf(null)
  // The first worker runs for 5 s before the start and for 1,200 s after it. The second worker is launched 10 s before the change takes effect.
  expect(usdOf(1_100_000) / alone).toBeCloseTo((1205 + 110) / 1205, 3)
  expect(usdOf(600_000) / alone).toBeCloseTo((1205 + 610) / 1205, 3)
})
