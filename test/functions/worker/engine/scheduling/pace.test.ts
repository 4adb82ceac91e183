import { describe, expect, test } from 'vitest'
import { between, constant, pacing } from '../../../../../core/authoring/wait.ts'
import { Pace, pauseAfter, pauseMs } from '../../../../../functions/worker/engine/scheduling/pace.ts'

describe('a pacing grid', () => {
  const grid = { everyMs: 100, catchUp: true }

  test('a pacing grid returns the next slot if the user is not late', () => {
    const pace = new Pace()
    pace.begin(1000)
    expect(pace.nextSlot(grid, 1020)).toEqual({ atMs: 1100, missed: 0 })
    expect(pace.nextSlot(grid, 1190)).toEqual({ atMs: 1200, missed: 0 })
    expect(pace.takeIntent().intentMs).toBe(1200)
  })

  test('a pacing grid returns overdue slots one after another', () => {
    const pace = new Pace()
    pace.begin(0)
    expect([1, 2, 3].map(() => pace.nextSlot(grid, 350).atMs)).toEqual([100, 200, 300])
    expect(pace.nextSlot(grid, 350)).toEqual({ atMs: 400, missed: 0 })
  })

  test('a pacing grid skips slots that are overdue by more than a minute, and counts these slots', () => {
    const pace = new Pace()
    pace.begin(0)
    expect(pace.nextSlot(grid, 90_000)).toEqual({ atMs: 30_000, missed: 299 })
  })

  test('a pacing grid without catchUp skips all overdue slots', () => {
    const pace = new Pace()
    pace.begin(0)
    expect(pace.nextSlot({ everyMs: 100, catchUp: false }, 350)).toEqual({ atMs: 400, missed: 3 })
  })
})

describe('a user that moves to another worker', () => {
  /** Returns the pace of the user in the next worker. When the run starts, the clock of the old worker shows 1 s, and the other clock 70 s. */
  function moved(pace: Pace): Pace {
    const next = new Pace()
    next.restore(pace.carried(1000), 70_000)
    return next
  }

  test('a user that moves to another worker keeps its pacing grid and its slot', () => {
    const pace = new Pace()
    pace.begin(1500)
    pace.nextSlot({ everyMs: 100, catchUp: true }, 1550)
    expect(moved(pace).nextSlot({ everyMs: 100, catchUp: true }, 70_650)).toEqual({ atMs: 70_700, missed: 0 })
  })

  test('after a user has moved to another worker, its next request keeps its intended time', () => {
    const pace = new Pace()
    pace.begin(1500)
    pace.responseEnded(1800, 0)
    pace.planPause(400)
    expect(moved(pace).takeIntent().intentMs).toBe(70_000 + 1200)
  })
})

describe('the intended time of an action', () => {
  test('the intended time is first the planned start, and then the end of the last response plus the planned pauses', () => {
    const pace = new Pace()
    pace.begin(500)
    expect(pace.takeIntent().intentMs).toBe(500)
    pace.responseEnded(800, 2)
    expect(pace.takeIntent().intentMs).toBe(800)
    pace.planPause(2000)
    expect(pace.takeIntent().intentMs).toBe(2800)
  })

  test('the lag between two requests of a user is reported once', () => {
    const pace = new Pace()
    pace.begin(0)
    pace.noteLag(2)
    pace.noteLag(3)
    expect(pace.takeIntent().lagBeforeMs).toBe(5)
    expect(pace.takeIntent().lagBeforeMs).toBe(0)
  })

  test('if several responses are concurrent, only the greatest of their lags is counted', () => {
    const pace = new Pace()
    pace.begin(0)
    pace.responseEnded(10, 4)
    pace.responseEnded(11, 3)
    pace.noteLag(1)
    expect(pace.takeIntent().lagBeforeMs).toBe(5)
  })

  test('lag that delays a slot of a paced user counts as lost time until the user catches up', () => {
    const pace = new Pace()
    pace.begin(0)
    const lossAt = (nowMs: number, lagMs: number) => {
      pace.noteLag(lagMs)
      pace.nextSlot({ everyMs: 100, catchUp: true }, nowMs)
      return pace.takeIntent().pacedLossMs
    }
    // While a user has no slot, all lag costs time.
    expect(pace.takeIntent().pacedLossMs).toBe(null)
    // The slot at 100 is still in the future, so the lag does not cost time.
    expect(lossAt(60, 30)).toBe(0)
    // The slot at 200 is overdue by 50 ms: 40 ms are lag, and the target needed the other 10 ms.
    expect(lossAt(250, 40)).toBe(40)
    // The slot at 300 is overdue by 60 ms, and the slot at 200 was overdue by 50 ms. The lag is greater than the difference, so all 10 ms are lost.
    expect(lossAt(360, 25)).toBe(10)
    // The slot at 400 is overdue by only 20 ms, and the slot at 500 is in the future again.
    expect(lossAt(420, 5)).toBe(-40)
    expect(lossAt(480, 5)).toBe(-10)
    expect(lossAt(580, 5)).toBe(0)
  })

  test('lag does not count as lost time if the user waits for a future slot of its pacing grid or serves the next arrival', () => {
    const pace = new Pace()
    pace.begin(0)
    pace.responseEnded(10, 4)
    pace.nextSlot({ everyMs: 100, catchUp: true }, 20)
    expect(pace.takeIntent()).toMatchObject({ lagBeforeMs: 0, pacedLossMs: 0 })
    pace.responseEnded(110, 4)
    pace.nextSlot({ everyMs: 100, catchUp: true }, 250)
    expect(pace.takeIntent()).toMatchObject({ lagBeforeMs: 4, pacedLossMs: 4 })
    pace.responseEnded(260, 4)
    pace.meantFor(500)
    expect(pace.takeIntent().lagBeforeMs).toBe(0)
  })
})

describe('a pause of the run', () => {
  test('a pause of the run delays the pacing grid and the intended time by the length of the pause', () => {
    const pace = new Pace()
    pace.begin(0)
    pace.noteLag(9)
    pace.heldBack({ fromMs: 50, untilMs: 1_050, lagMs: 3 })
    expect(pace.takeIntent()).toEqual({ intentMs: 1_050, lagBeforeMs: 3, pacedLossMs: null })
    expect(pace.nextSlot({ everyMs: 100, catchUp: true }, 1_060)).toEqual({ atMs: 1_100, missed: 0 })
  })

  test('a user that is due after the end of a pause of the run keeps its intended time', () => {
    const pace = new Pace()
    pace.begin(0)
    pace.planPause(5_000)
    pace.heldBack({ fromMs: 50, untilMs: 1_050, lagMs: 0 })
    expect(pace.takeIntent().intentMs).toBe(5_000)
  })
})

describe('the pause after an iteration', () => {
  const context = { pace: new Pace(), draw: () => 0.25, className: 'U' }

  test.for([
    ['the wait of the user', between(1, 3), 0, { ms: 1_500, planned: true, missed: 0 }],
    ['a constant wait', constant(2), 500, { ms: 2_000, planned: true, missed: 0 }],
    ['the least pause, if the wait is shorter', constant(0.1), 500, { ms: 500, planned: true, missed: 0 }],
    ['not planned without a wait', undefined, 0, { ms: 0, planned: false, missed: 0 }],
    ['planned without a wait, if there is a least pause', undefined, 500, { ms: 500, planned: true, missed: 0 }],
  ] as const)('the pause after an iteration is %s', ([, wait, leastMs, expected]) => {
    expect(pauseAfter(wait, leastMs, context)).toEqual(expected)
  })

  test('on a pacing grid, the pause after an iteration ends at the next slot, but not before the minimum pause has passed', () => {
    const pace = new Pace()
    pace.begin(performance.now())
    const first = pauseAfter(pacing(3_600), 0, { ...context, pace, draw: () => 0 })
    expect(first).toMatchObject({ planned: false, missed: 0 })
    // The slot was an hour away when the test began.
    expect(first.ms).toBeGreaterThan(3_000_000)
    expect(first.ms).toBeLessThanOrEqual(3_600_000)
    expect(pauseAfter(pacing(3_600), 9_000_000, { ...context, pace, draw: () => 0 }).ms).toBe(9_000_000)
  })

  test('a wait function of a scenario returns a number of seconds or a string, and has the user as `this`', () => {
    const user = { seconds: 0.5 }
    function ownWait(this: unknown): number {
      return (this as typeof user).seconds
    }
    expect(pauseMs(ownWait, () => 0, { user, className: 'U' })).toBe(500)
    expect(
      pauseMs(
        () => '1m',
        () => 0,
        context,
      ),
    ).toBe(60_000)
    expect(
      pauseMs(
        () => 0,
        () => 0,
        context,
      ),
    ).toBe(0)
  })

  test.for([
    ['NaN', Number.NaN],
    ['a negative number', -1],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a time that is too long', 1e12],
    ['an object', {}],
    ['nothing', undefined],
  ] as const)('a wait function is refused if it returns %s', ([, value]) => {
    expect(() =>
      pauseMs(
        () => value as number,
        () => 0,
        context,
      ),
    ).toThrow(/wait\(\) of class U/)
  })

  test('an invalid wait of a user is refused', () => {
    expect(() => pauseAfter('1s' as never, 0, context)).toThrow('wait of class U is "1s"')
  })
})
