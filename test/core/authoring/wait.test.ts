import { expect, test } from 'vitest'
import { between, constant, pacing, throughput } from '../../../core/authoring/wait.ts'

test('waits are plain values in milliseconds', () => {
  expect(between('1s', '1.5m')).toEqual({ kind: 'between', lowMs: 1000, highMs: 90_000 })
  expect(constant('250ms')).toEqual({ kind: 'between', lowMs: 250, highMs: 250 })
  expect(pacing('2s')).toEqual({ kind: 'pacing', everyMs: 2000, catchUp: true })
  expect(pacing('2s', { catchUp: false })).toEqual({ kind: 'pacing', everyMs: 2000, catchUp: false })
  expect(throughput(4)).toEqual({ kind: 'pacing', everyMs: 250, catchUp: true })
})

test('a wait that cannot be is refused where it is written', () => {
  expect(() => between('2s', '1s')).toThrow("between('2s', '1s') has its limits the wrong way round")
  for (const wrong of [0, -1, Number.NaN]) expect(() => throughput(wrong)).toThrow('need a number above 0')
  expect(() => pacing('0s')).toThrow('need a number above 0')
  expect(() => constant('soon' as '1s')).toThrow('constant()')
})
