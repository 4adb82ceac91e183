import * as fc from 'fast-check'
import { mergeLimitMs } from '../../../cli/embedded/processes/children.ts'
import { redeliveryMs } from '../../../functions/redelivery.ts'
import { describe, expect, it } from 'vitest'
import { arrivals, hold, ramp, rampArrivals } from '../../../core/authoring/load-stages.ts'
import { newRunId, planRun } from '../../../core/plan/plan-run.ts'
import { admin, classOf, described, facts, journey, noOptions, plan, shopper, staged } from '../../fixtures/planning.ts'

describe('workers', () => {
  it.each([
    [{}, 2],
    [{ workers: 5 }, 5],
    [{ users: 1 }, 1],
    [{ users: 4_000 }, 5],
    [{ users: 4_000, workers: 2 }, 5],
    [{ usersPerWorker: 10 }, 20],
  ])('a run with the options %j has %i workers', (options, workers) => {
    const { slices, users } = plan(journey, options)
    expect(slices).toHaveLength(workers)
    expect(slices.reduce((sum, one) => sum + one.count, 0)).toBe(users)
  })
})

describe('the number of users per worker', () => {
  const aws = { backend: 'aws', region: 'eu-central-1' } as const

  it.each([901, 1024, 10_000])(
    '%i users per worker are refused on AWS, because a worker has only 1,024 file descriptors',
    (usersPerWorker) => {
      const shared = { ...journey, connections: 'shared' } as const
      expect(() => plan(journey, { usersPerWorker, runTimeMs: 60_000 }, aws)).toThrow('1,024 file descriptors')
      expect(plan(shared, { usersPerWorker, runTimeMs: 60_000 }, aws).users).toBe(200)
      expect(plan(journey, { usersPerWorker }).users).toBe(200)
    },
  )

  it('900 users per worker are accepted on AWS', () => {
    expect(plan(journey, { users: 1800, usersPerWorker: 900, runTimeMs: 60_000 }, aws).slices).toHaveLength(2)
  })
})

describe('the plan', () => {
  it('a plan has the name from --name, or else the name of the scenario, or else the name of the scenario file', () => {
    expect(plan(journey).name).toBe('shop')
    expect(plan({ ...journey, name: 'Sale' }).name).toBe('Sale')
    expect(plan({ ...journey, name: 'Sale' }, { name: 'Night' }).name).toBe('Night')
  })

  it('the plan contains the line number of a threshold if the number is known', () => {
    const description = { ...journey, thresholds: ['p95 < 1s', 'errors < 1%'] }
    const locate = (text: string): string | undefined => (text === 'p95 < 1s' ? 'shop.burst.ts:4' : undefined)
    expect(planRun({ description, options: noOptions, facts, locate }).thresholds).toEqual([
      { expression: 'p95 < 1s', at: 'shop.burst.ts:4' },
      { expression: 'errors < 1%', at: null },
    ])
  })

  it('the plan takes the seed and the drain time from the options', () => {
    expect(plan(journey, { seed: 'monday', stopTimeoutMs: 30_000 })).toMatchObject({
      seed: 'monday',
      timing: { drainMs: 30_000 },
    })
    expect(plan(journey)).toMatchObject({ seed: '7f3a', timing: { drainMs: 10_000, stopMs: 2_000 } })
  })

  it('the summary of a plan describes its load, classes, workers and thresholds in words', () => {
    const description = {
      ...journey,
      classes: [shopper, admin, classOf('Monitor', 1, { count: 1 })],
      thresholds: ['p95 < 1s'],
    }
    expect(plan(description, { tags: [], iterations: 5 }).words).toMatchInlineSnapshot(`
      [
        "ramp to 200 users over 10 s, hold 20 s, ramp to 0 users over 5 s",
        "1 user is Monitor, 9 in 10 users are Shopper, 1 in 10 Admin",
        "each user ends after 5 iterations",
        "2 workers, 100 users each",
        "seed 7f3a",
        "thresholds: p95 < 1s",
      ]
    `)
    expect(plan(described()).words[0]).toBe('1 user until stopped')
    expect(plan(journey, { users: 4_000, workers: 2 }).words[1]).toBe(
      '5 workers, 800 users each (with 2, each would have too many users)',
    )
    expect(plan(staged(ramp(5, '0s'), hold('1m'), ramp(10, '0s'), hold('1m'))).words[0]).toBe(
      '5 users for 1 min, jump to 10 users, hold 1 min',
    )
    expect(plan(staged(ramp(5, '2s'), hold('4s'), hold('4s'), ramp(5, '1s'), ramp(0, '1s'))).words[0]).toBe(
      'ramp to 5 users over 2 s, hold 9 s, ramp to 0 users over 1 s',
    )
    expect(plan(staged(ramp(5, '2s'), hold('8s')), { runTimeMs: 25_000 }).words[0]).toBe(
      'ramp to 5 users over 2 s, hold 23 s',
    )
    expect(plan(staged(rampArrivals(1, 50, '10s'), arrivals(50, '20s'))).words[0]).toMatchInlineSnapshot(
      `"from 1 arrival per second ramp to 50 arrivals per second over 10 s, hold 20 s, with at most 500 pooled users, which is enough if an iteration takes at most 10 s"`,
    )
    expect(
      plan(described({ load: { kind: 'samples', users: [1, 5, 2, 9, 3, 8, 4, 7], ended: true } })).words[0],
    ).toMatchInlineSnapshot(`"a shape of 8 points, between 1 and 9 users, over 8 s"`)
    expect(
      plan(described({ classes: [classOf('A', 1), classOf('B', 1), classOf('C', 0.5)] })).words[1],
    ).toMatchInlineSnapshot(`"40 % users are A, 40 % B, 20 % C"`)
  })
})

describe('the name of a run', () => {
  it('sorted names of runs are in chronological order, and each name is a valid folder name', () => {
    const at = Date.UTC(2026, 10, 21, 10, 44, 11)
    expect(newRunId(at, 'shop', '7f3a')).toBe('20261121-104411-shop-7f3a')
    expect(newRunId(at, 'load/shop.burst.ts', '7f3a')).toBe('20261121-104411-shop-7f3a')
    expect(newRunId(at, '../Été & Größe\u0000', 'ab')).toBe('20261121-104411-ete-gro-e-ab')
    expect(newRunId(at, '日本', 'ab')).toBe('20261121-104411-ab')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(newRunId(at, name, 'ab')).toMatch(/^[a-z0-9-]{18,65}$/)
      }),
    )
  })
})

it('the time that a run on one machine waits for its last counts is longer than a merge or a redelivery', () => {
  const { graceMs } = plan(journey).timing
  expect(graceMs).toBeGreaterThan(mergeLimitMs)
  expect(graceMs).toBeGreaterThan(redeliveryMs(1000))
})

it('a run on AWS waits for its workers before the load starts, and for redelivered messages after the load ends', () => {
  const onAws = { backend: 'aws', region: 'eu-central-1' } as const
  const few = plan(journey, {}, onAws)
  expect(few).toMatchObject({ flushMs: 5000, slices: [{ count: 200 }] })
  expect(few.timing).toMatchObject({ startLeadMs: 25_000, startNoticeMs: 5000, controlPollMs: 2000, leaseMs: 100_000 })
  expect(few.timing.graceMs).toBeGreaterThan(60_000)
  const many = plan(journey, { users: 1_200_000 }, onAws)
  expect(many.slices).toHaveLength(1500)
  expect(many.timing.startLeadMs).toBe(35_000)
})
