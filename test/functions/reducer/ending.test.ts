import { expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import type { FinaliseEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from '../coordinator/small-cloud.ts'

/** The event that `burst report --finalize` sends when a person requests the report. */
const asked: FinaliseEvent = {
  run: 'r1',
  events: [],
  failed: [],
  failure: { reason: 'runFailed', message: 'the coordinator was lost' },
}

/** Returns a run whose coordinator is lost after it has replaced the worker of slice 1 and then given up the slice. */
async function lostRun(): Promise<SmallCloud> {
  const cloud = new SmallCloud(planOf(), ({ slice }) => ({ reports: true, ...(slice === 1 && { failsAfterMs: 1500 }) }))
  await cloud.coordinateUntil(cloud.plan.createdAt + 21_000).catch(() => undefined)
  return cloud
}

async function reportOf(cloud: SmallCloud): Promise<Report> {
  await finalise(asked, cloud.environment())
  return JSON.parse((await cloud.store.get(keys.output('r1', 'report.json')))?.body ?? '') as Report
}

test('if a person requests the report after the coordinator was lost, the report has the events of the lost coordinator', async () => {
  const cloud = await lostRun()
  const report = await reportOf(cloud)
  const texts = report.events.map(({ text }) => text)
  expect(texts).toContain('2 workers started')
  expect(texts).toContainEqual(expect.stringMatching(/^worker 1 is started again: it ran out of memory$/))
  expect(texts).toContain('worker 1 is not started again: 3 attempts were lost within 10 minutes')
  expect(report.completeness.lost.join()).toContain('ran out of memory')
  expect(report.verdict.reasons.join()).toContain('the coordinator was lost')
})

test('if the events of the coordinator cannot be read, the report says so', async () => {
  const cloud = await lostRun()
  await cloud.store.put(keys.coordinator('r1'), '{"v":1,')
  const report = await reportOf(cloud)
  expect(report.events.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^the events that the coordinator stored could not be read: /),
  )
})
