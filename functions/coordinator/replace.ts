import type { Floor } from '../../core/fleet/control.ts'
import { type Fleet, sliceOf } from '../../core/fleet/fleet.ts'
import { withFloors } from '../../core/fleet/floors.ts'
import { turnOf } from '../../core/fleet/turns.ts'
import { launchWorkers } from '../invocation.ts'
import { changeAsHolder } from './begin.ts'
import type { Coordination } from './coordination.ts'
import { noticeOf } from './losses/fate.ts'
import type { SliceWatch } from './losses/slice-watch.ts'

/** The time, in milliseconds, for which one check of the run tries to launch a worker. If it does not succeed, the next check tries again. */
const launchPatienceMs = 2_000

/** Returns how long a replaced worker that is still alive may take to notice its replacement in the control file, in milliseconds. */
export function noticeMsOf({ plan, env, troubledAt }: Coordination): number {
  return noticeOf(plan.timing, env.clock.nowMs() - troubledAt)
}

/**
 * Raises the floor of a slice (the lowest attempt that may run the slice) in the control file before a replacement is launched. If the replaced
 * worker is still alive, it reads the raised floor and stops sending requests when the turn of the next attempt begins. If a slice is in `doubtful`,
 * its replaced worker may be alive. The turn of the next attempt is then delayed, so that the replaced worker has enough time to read the floor. If
 * the replaced worker never claimed the slice, the next attempt takes over the whole turn of the replaced worker. The next attempt then also takes
 * over the users that an earlier worker handed over to the replaced worker.
 */
export async function raiseFloors(
  run: Coordination,
  fleet: Fleet,
  watched: readonly SliceWatch[],
  doubtful: Set<number>,
): Promise<void> {
  const due = watched.filter((one) => one.replaces && !isFloorRaised(fleet, one))
  if (due.length === 0) return
  const raised = due.map(({ slice, attempt }): Floor => {
    const before = turnOf(fleet, sliceOf(fleet, slice), attempt - 1)
    return { slice, attempt, sinceMs: before?.fromMs ?? 0 }
  })
  const noticeMs = noticeMsOf(run)
  const control = await changeAsHolder(run, (before, nowMs) => {
    const passedMs = Math.round(nowMs - before.startAt)
    const sinceOf = ({ slice, sinceMs }: Floor): number =>
      doubtful.has(slice) ? Math.max(sinceMs, passedMs + noticeMs) : sinceMs
    return withFloors(
      before,
      raised.map((floor) => ({ ...floor, sinceMs: sinceOf(floor) })),
    )
  })
  if (control) for (const { slice } of due) doubtful.delete(slice)
}

/** Returns whether the control file assigns the slice to this attempt or to a later attempt. */
export function isFloorRaised(fleet: Fleet, { slice, attempt }: Pick<SliceWatch, 'slice' | 'attempt'>): boolean {
  return sliceOf(fleet, slice).floor.attempt >= attempt
}

/**
 * Launches the workers that are due. Workers with the same attempt number are launched together. If one of these launches fails, the launches that
 * have not begun by then also count as failed, with the same error.
 * @param ended called for each slice after its launch. If the launch failed, the second argument is the error.
 */
export async function launchDue(
  run: Coordination,
  { due, startAt }: { due: readonly SliceWatch[]; startAt: number },
  ended: (one: SliceWatch, error?: unknown) => Promise<void>,
): Promise<void> {
  for (const [attempt, group] of Map.groupBy(due, (one) => one.attempt)) {
    const slices = group.map(({ slice }) => slice)
    const started = new Set<number>()
    const accepted = (slice: number): void => void started.add(slice)
    let failure: unknown
    try {
      await launchWorkers(run, slices, { attempt, startAt, patienceMs: launchPatienceMs, accepted })
    } catch (error) {
      failure = error
    }
    for (const one of group) await ended(one, started.has(one.slice) ? undefined : failure)
  }
}
