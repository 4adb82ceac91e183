import { describe, expect, test } from 'vitest'
import { hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { type Pause, withPause } from '../../../../core/fleet/changes/pause.ts'
import { profileOf } from '../../../../core/plan/load/load.ts'
import { slicesOf } from '../../../../core/plan/plan.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { type AttemptLedger, newShardState } from '../../../../core/shard/shard.ts'
import { type Absence, absencesOf } from '../../../../core/verdict/completeness/absence.ts'
import { type WorkerCell, emptyWorkerCell } from '../../../../core/window/window.ts'
import { intervalOf, messagesOf } from '../../../fixtures/run.ts'

interface Attempt {
  slice?: number
  attempt?: number
  /** The first and the last time at which this attempt had a user, in milliseconds since the start. */
  active: readonly [number, number]
  end: 'final' | 'handed over' | 'lost'
  /**
   * The total time for which the five users of the slice ran in this attempt, in milliseconds. If `userMs` is undefined, all five users ran for the
   * whole time of `active`.
   */
  userMs?: number
}

/**
 * Returns the absences in a run of 10 users for 60 s on two workers.
 * @param floor the number of the last attempt that replaced a lost attempt
 */
function absencesIn(attempts: readonly Attempt[], pauses: readonly Pause[] = [], floor = 2): Absence[] {
  const state = newShardState('r1', 0)
  const workers = attempts.map(
    ({ slice = 1, attempt = 0, active: [from, to], end, userMs = 5 * (to - from) }): WorkerCell => {
      const [message] = messagesOf([{ window: 0, content: intervalOf({ slice, attempt, second: 0 }) }], slice, attempt)
      if (message)
        mergeMessage(state, { ...message, final: end !== 'lost', ...(end === 'handed over' && { handedOver: true }) })
      return { ...emptyWorkerCell(slice, attempt), activeFromMs: from, activeToMs: to, userUs: userMs * 1000 }
    },
  )
  const ledgers: AttemptLedger[] = [...state.attempts.values()]
  const load = profileOf([ramp(10, '0s'), hold('60s')])
  const profile = pauses.reduce((before, pause) => withPause(before, pause), load)
  const lost = new Set([0, 1])
  const slices = slicesOf(10, 2).map((one) => ({ ...one, floor: { attempt: floor, sinceMs: 0 } }))
  return absencesOf({ slices, profile, lastMs: 60_000, ledgers, workers, lost, pauses })
}

describe('the users of a slice', () => {
  test('users do not count as missing while one worker runs the slice, or hands the slice over to the next worker', () => {
    expect(absencesIn([{ active: [0, 60_000], end: 'final' }])).toEqual([])
    const first = { active: [0, 30_000], end: 'handed over' } as const
    expect(absencesIn([first, { attempt: 1, active: [30_000, 60_000], end: 'final' }])).toEqual([])
  })

  test('users count as missing from the last activity of a lost worker until the next worker takes over, and the report names the next worker', () => {
    const [first, second] = [
      { active: [0, 20_000], end: 'lost' } as const,
      { attempt: 1, active: [28_000, 60_000] } as const,
    ]
    expect(absencesIn([first, { ...second, end: 'final' }])).toEqual([
      { slice: 1, stretches: [{ fromMs: 20_000, untilMs: 28_000, attempt: 1 }], userMs: 40_000 },
    ])
    // The time until users have joined the next worker also counts as missing.
    expect(absencesIn([first, { ...second, end: 'final', userMs: 147_500 }])).toMatchObject([{ userMs: 52_500 }])
  })

  test('if no worker continues the users of a lost worker, these users are missing until the end of the run, even after several losses', () => {
    const [first, second] = [
      { active: [0, 20_000], end: 'lost' } as const,
      { attempt: 2, active: [28_000, 40_000] } as const,
    ]
    expect(absencesIn([first, { ...second, end: 'lost' }])).toEqual([
      {
        slice: 1,
        stretches: [
          { fromMs: 20_000, untilMs: 28_000, attempt: 2 },
          { fromMs: 40_000, untilMs: null, attempt: null },
        ],
        userMs: 5 * 28_000,
      },
    ])
  })

  test('if a worker stalls, its users count as missing until the next worker runs them, even if the stalled worker continues', () => {
    const first = { active: [0, 45_000], end: 'final', userMs: 100_000 } as const
    expect(absencesIn([first, { attempt: 1, active: [40_000, 60_000], end: 'final' }])).toEqual([
      { slice: 1, stretches: [{ fromMs: 20_000, isEstimated: true, untilMs: 40_000, attempt: 1 }], userMs: 100_000 },
    ])
  })

  test('if a worker is lost during a hand-over, the users that did not reach the next worker count as missing from the hand-over on', () => {
    const attempts = [
      { active: [0, 30_200], end: 'lost', userMs: 150_000 },
      { attempt: 1, active: [30_000, 60_000], end: 'final', userMs: 120_000 },
    ] as const
    expect(absencesIn(attempts, [], 0)).toEqual([
      { slice: 1, stretches: [{ fromMs: 30_000, untilMs: null, attempt: 1, isPartial: true }], userMs: 30_000 },
    ])
    // With floor 1, the coordinator started attempt 1 because attempt 0 was silent. Attempt 0 then sent requests again before it was lost.
    expect(absencesIn(attempts, [], 1)).toMatchObject([{ stretches: [{ isEstimated: true, untilMs: 30_000 }] }])
  })

  test('users do not count as missing while the run is paused', () => {
    const second = (fromMs: number): Attempt => ({ attempt: 1, active: [fromMs, 60_000], end: 'final' })
    const back = (atMs: number) => ({ atMs, overMs: 0, users: 0 })
    const [pause, open] = [
      { fromMs: 20_000, back: back(40_000) },
      { fromMs: 20_000, back: null },
    ] as const
    // In the first and the third case, the worker is lost during the pause. The next worker begins 4 s after the pause in the first case, and at the
    // end of the pause in the third case. In the second case, the worker is lost before the pause. In the fourth case, the worker is lost during a
    // pause that lasts until the end of the run.
    expect(absencesIn([{ active: [0, 20_050], end: 'lost', userMs: 100_000 }, second(44_000)], [pause])).toEqual([
      { slice: 1, stretches: [{ fromMs: 40_000, untilMs: 44_000, attempt: 1 }], userMs: 20_000 },
    ])
    expect(absencesIn([{ active: [0, 18_000], end: 'lost' }, second(44_000)], [pause])).toEqual([
      { slice: 1, stretches: [{ fromMs: 18_000, untilMs: 44_000, attempt: 1, pausedMs: 20_000 }], userMs: 30_000 },
    ])
    expect(absencesIn([{ active: [0, 20_050], end: 'lost', userMs: 100_000 }, second(40_000)], [pause])).toEqual([])
    expect(absencesIn([{ active: [0, 20_050], end: 'lost', userMs: 100_000 }], [open])).toEqual([])
  })

  test('the longest absence of users is listed first', () => {
    const lost = { end: 'lost' } as const
    const all = [{ ...lost, slice: 0, active: [0, 50_000] } as const, { ...lost, active: [0, 10_000] } as const]
    expect(absencesIn(all).map(({ slice, userMs }) => [slice, userMs])).toEqual([
      [1, 250_000],
      [0, 50_000],
    ])
  })
})
