import { describe, expect, test } from 'vitest'
import { engineLimits } from '../../../functions/worker/engine-limits.ts'

describe('the memory limits of an engine', () => {
  test('an engine with more than 800 users has a young generation of 6 MB, which keeps its garbage collections short', () => {
    const limitsOf = (users: number) => engineLimits({ backend: 'aws', workers: 2, users }, { memoryMb: 1_000 })
    expect(limitsOf(800)).toEqual({ maxOldGenerationSizeMb: 600 })
    expect(limitsOf(801)).toEqual({ maxOldGenerationSizeMb: 600, maxYoungGenerationSizeMb: 6 })
  })

  test('engines on one machine share the memory of the machine, and each engine has a heap of at least 128 MB', () => {
    const engine = { backend: 'local', workers: 10, users: 1 } as const
    expect(engineLimits(engine, { memoryMb: 4_000 })).toEqual({ maxOldGenerationSizeMb: 240 })
    expect(engineLimits(engine, { memoryMb: 1_000 })).toEqual({ maxOldGenerationSizeMb: 128 })
  })
})
