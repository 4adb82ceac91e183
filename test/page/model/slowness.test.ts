import { expect, test } from 'vitest'
import { modelOf } from '../../../page/model/model.ts'
import { slowdownsOf } from '../../../page/model/slowness.ts'
import { syntheticReport } from '../../fixtures/reports/synthetic-run.ts'

test('a request name that becomes slower is found with the time of the change, but a name that is always slow is not found', async () => {
  const report = syntheticReport({ trouble: true })
  const found = slowdownsOf(await modelOf(report))
  expect(found).toHaveLength(1)
  const [slowdown] = found as [(typeof found)[0]]
  expect(report.requests[slowdown.index]).toMatchObject({ method: 'POST', name: '/cart' })
  expect(slowdown.atS).toBe(91)
  expect(slowdown.afterMs / slowdown.beforeMs).toBeGreaterThan(4)
  expect(slowdown.afterMs / slowdown.beforeMs).toBeLessThan(9)
})

test.each([1, 2, 3, 4, 5, 6])('noise, ramps and few requests are not slowdowns (seed %d)', async (seed) => {
  for (const shape of [{}, { perSecond: 1 }, { seconds: 20 }])
    expect(slowdownsOf(await modelOf(syntheticReport({ ...shape, seed })))).toEqual([])
})
