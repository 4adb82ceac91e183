import { expect, test } from 'vitest'
import { startBurst } from '../../cli/command-line.ts'
import { project, reportIn } from '../../cli/journey.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { hasOtlpReceiver, startOtlpReceiver } from './prometheus-server.ts'
import { sameCounts, sameLatencies, shopScenario, totalOf, valuesOf } from './stored-figures.ts'

test.skipIf(!hasOtlpReceiver)('the values that a real Prometheus has received by OTLP equal the report', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'shop.burst.ts': shopScenario(target.origin) })
  const prometheus = await startOtlpReceiver()
  const url = `${prometheus.origin}/api/v1/otlp/v1/metrics`
  const run = startBurst(
    ['run', '--local', '-u', '4', '-t', '8s', '--workers', '2', '--out', 'out', '--otlp', url],
    folder,
  )
  try {
    const { stderr } = await run.ended
    expect(stderr).toBe('')
    const report = await reportIn(folder)
    const stored = await prometheus.newest(`{__name__=~"burst_.+",run="${report.run.id}"}`)
    sameCounts(stored, report)
    sameLatencies(stored, report)
    expect(totalOf(stored, 'burst_failures_by_kind_total', {})).toBe(report.totals.failures)
    expect(valuesOf(await prometheus.newest('burst_finished'))).toEqual([1])
    // Prometheus knows the greatest number of users only if the run also sent values before its end.
    expect(valuesOf(await prometheus.ask('max_over_time(burst_users[1h])'))).toEqual([4])
  } finally {
    run.child.kill('SIGKILL')
    await Promise.all([prometheus.close(), target.close()])
  }
})
