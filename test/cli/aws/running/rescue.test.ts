import { expect, test } from 'vitest'
import { Rescue } from '../../../../cli/aws/running/rescue.ts'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import type { Control } from '../../../../core/fleet/control.ts'
import { hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { plan as planned, staged } from '../../../fixtures/planning.ts'

const minute = 60_000
const plan: RunPlan = planned(staged(ramp(10, '1s'), hold('10m')), {}, { backend: 'aws', region: 'x', createdAt: 0 })
const control: Control = { v: 1, startAt: 10_000, leaseUntil: 100_000, stop: null }

/** Returns the actions of a watcher and their times in minutes. No action has an effect on the run. */
async function watched(stored: Control | undefined, until: number): Promise<string[]> {
  const [started, events]: [string[], unknown[]] = [[], []]
  let nowMs = 0
  const clock = { nowMs: () => nowMs, sleep: async () => undefined }
  const rescue = new Rescue(
    {
      clock,
      invoke: async (stage, event) => {
        started.push(`${stage} at ${nowMs / minute}`)
        if (stage === 'coordinator') events.push(event)
      },
    },
    plan,
  )
  for (; nowMs <= until; nowMs += minute / 2) {
    try {
      await rescue.look(stored)
    } catch (error) {
      started.push(`${(error as Error).message} at ${nowMs / minute}`)
      break
    }
  }
  // With `rescue`, a coordinator does not begin a run (see functions/coordinator/succession.test.ts).
  expect(events).toEqual(events.map(() => ({ run: 'r1', rescue: true })))
  return started
}

test('the watcher does not act while the lease of the run is renewed', async () => {
  expect(await watched({ ...control, leaseUntil: 11 * minute }, 15 * minute)).toEqual([])
})

test('when the lease is no longer renewed, the watcher starts a coordinator, then requests the report, then stops waiting', async () => {
  expect(await watched(control, 60 * minute)).toEqual([
    'coordinator at 0.5',
    'finalise at 5.5',
    'run r1 has ended without a report at 21.5',
  ])
})

test('if a run has no report when the maximum waiting time after its end has passed, the watcher starts a coordinator', async () => {
  const over = { ...control, leaseUntil: 11 * minute }
  const started = await watched(over, 60 * minute)
  expect(started[0]).toMatch(/^coordinator at (2[89]|30)/)
})

test('if a run has no control file, the watcher starts a coordinator 90 s after the run was planned', async () => {
  expect((await watched(undefined, 5 * minute))[0]).toBe('coordinator at 1.5')
})

test('while a second coordinator continues a run, the watcher does not end the run; if this coordinator is lost, the watcher starts a third one', async () => {
  const started: string[] = []
  let nowMs = 0
  const clock = { nowMs: () => nowMs, sleep: async () => undefined }
  const rescue = new Rescue(
    { clock, invoke: async (stage) => void started.push(`${stage} at ${nowMs / minute}`) },
    plan,
  )
  // The first coordinator is lost at 0 minutes. The second coordinator renews the lease from minute 1 on, and is lost at 4 minutes.
  const leaseAt = (): number => (nowMs < minute ? 100_000 : Math.min(nowMs, 4 * minute) + 100_000)
  for (; nowMs <= 6 * minute; nowMs += minute / 2) await rescue.look({ ...control, leaseUntil: leaseAt() })
  expect(started).toEqual(['coordinator at 0.5', 'coordinator at 4.5'])
})
