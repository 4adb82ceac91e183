import { expect, test } from 'vitest'
import { metricFamilies } from '../../../../core/report/metrics/families.ts'
import { measuredAtEnd } from '../../../../core/report/metrics/measured.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

test('a name with more than 64 statuses has one series per class of statuses, and these series include every request', () => {
  const measured = measuredAtEnd(syntheticReport({ seconds: 20, names: 2 }))
  const [usual, hostile] = measured.requests
  if (!usual || !hostile) throw new Error('the report has fewer than two names')
  const statuses = new Map([[0, 1], ...Array.from({ length: 900 }, (_, k): [number, number] => [100 + k, k])])
  const families = metricFamilies([{ ...measured, requests: [usual, { ...hostile, statuses }] }])
  const responses = families.find(({ name }) => name === 'burst_responses_total')?.samples ?? []
  const of = (name: string) =>
    responses.flatMap((one) =>
      one.labels['name'] === name && 'value' in one ? [[one.labels['status'] ?? '', one.value] as const] : [],
    )
  expect(of(usual.name)).toEqual([...usual.statuses].map(([status, count]) => [String(status), count]))
  expect(of(hostile.name).map(([status]) => status)).toEqual([
    '0',
    '1xx',
    '2xx',
    '3xx',
    '4xx',
    '5xx',
    '6xx',
    '7xx',
    '8xx',
    '9xx',
  ])
  expect(of(hostile.name).reduce((sum, [, count]) => sum + count, 0)).toBe(1 + (899 * 900) / 2)
})
