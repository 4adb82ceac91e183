import { describe, expect, test } from 'vitest'
import type { Fleet } from '../../../core/fleet/fleet.ts'
import { engineLimits } from '../../../functions/worker/engine-limits.ts'

function fleetOf(...counts: number[]): Pick<Fleet, 'slices'> {
  const since = { shard: 0, fromMs: 0, handOverMs: null, floor: { attempt: 0, sinceMs: 0 } }
  return { slices: counts.map((count, slice) => ({ slice, first: slice, stride: counts.length, count, ...since })) }
}

describe('The memory limits of an engine', () => {
  test('An engine with more than 800 users has a young generation of 6 MB, so that its collections are short.', () => {
    const fleet = fleetOf(800, 801)
    const limitsOf = (slice: number) => engineLimits({ plan: { backend: 'aws' }, fleet, slice }, { memoryMb: 1_000 })
    expect(limitsOf(0)).toEqual({ maxOldGenerationSizeMb: 600 })
    expect(limitsOf(1)).toEqual({ maxOldGenerationSizeMb: 600, maxYoungGenerationSizeMb: 6 })
  })

  test('Engines on one machine share its memory, and each has a heap of at least 128 MB.', () => {
    const fleet = fleetOf(...Array.from({ length: 10 }, () => 1))
    const engine = { plan: { backend: 'local' }, fleet, slice: 0 } as const
    expect(engineLimits(engine, { memoryMb: 4_000 })).toEqual({ maxOldGenerationSizeMb: 240 })
    expect(engineLimits(engine, { memoryMb: 1_000 })).toEqual({ maxOldGenerationSizeMb: 128 })
  })
})
