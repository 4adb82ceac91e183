import type { Departure } from '../handover/departure.ts'
import { packUser } from '../handover/pack.ts'
import { SimulatedUser } from '../users/simulated-user.ts'
import type { Allowance } from './allowance.ts'
import type { ExecutorContext } from './executor.ts'
import type { Event } from './schedule.ts'

/** The maximum length, in characters, of the reason why a user cannot be handed over. */
const longestReason = 300

/** The executor that starts the user. */
export interface LifeHost {
  readonly engine: ExecutorContext
  readonly allowance: Allowance
  /** Returns the current hand-over; undefined if the worker has not begun to hand over its users. */
  readonly departure: () => Departure | undefined
}

/** Creates the user whose life begins with an event. `life` is the number of this life. */
export function userOf({ index }: Event, engine: ExecutorContext, life: number): SimulatedUser {
  const userClass = engine.classes[engine.assigned[index] ?? 0]
  if (!userClass) throw new Error(`user ${index} has no class`)
  return new SimulatedUser(engine, index, life, userClass)
}

/** Runs one life of a user. If `carried` is true, the life began in another worker, and continues in this worker at `dueMs`. */
export async function live(
  user: SimulatedUser,
  host: LifeHost,
  { dueMs, carried }: { dueMs: number; carried: boolean },
): Promise<void> {
  if (carried) await restOfPause(user, host, dueMs)
  if (!user.started) await begin(user, host, dueMs)
  if (user.started) await act(user, host)
  if (!isHandedOver(user, host)) await user.leave()
}

/**
 * Waits for the rest of the user's pause. If this pause has already ended and the run itself is paused, returns immediately, because the gate holds
 * the user.
 */
async function restOfPause(user: SimulatedUser, { engine }: LifeHost, dueMs: number): Promise<void> {
  const leftMs = dueMs - engine.clock.nowMs()
  if (leftMs > 0 || !engine.gate.isShut(user)) await user.rest.for(leftMs)
}

async function begin(user: SimulatedUser, { engine }: LifeHost, dueMs: number): Promise<void> {
  await user.start(dueMs)
  if (!user.started) return
  engine.userCodeRan()
  engine.begun(user)
}

/** Runs iterations and the pauses between them until the user must stop or must be handed over. */
async function act(user: SimulatedUser, { engine, allowance }: LifeHost): Promise<void> {
  const goesOn = (): boolean => !user.stopping && !user.rest.departing && allowance.mayGoOn(user.index)
  while (goesOn()) {
    if (engine.gate.isShut(user)) await engine.gate.pass(user)
    if (!goesOn()) return
    const counts = await user.iterate()
    engine.userCodeRan()
    if (counts) allowance.iterated(user.index)
    engine.gate.rests(user)
    const pause = allowance.mayGoOn(user.index) ? user.waitBetween() : undefined
    if (pause) await pause
    if (!counts) await user.untilMaySend()
  }
}

/**
 * Hands the user over if this worker is handing over its users. A user that cannot be handed over begins a new life in the next worker.
 * @returns false if the user was not handed over, and must end in this worker
 */
function isHandedOver(user: SimulatedUser, { engine, allowance, departure }: LifeHost): boolean {
  if (!user.rest.departing || user.stopping || !allowance.mayGoOn(user.index)) return false
  const carried = packUser(user, engine, engine.clock.nowMs())
  if (typeof carried === 'string') {
    // Masks the reason, because it may contain the message of an error that code of the scenario threw.
    const why = engine.recorder.masked(carried).slice(0, longestReason)
    engine.notice(
      `users of class ${user.userClass.name} cannot be handed over, so they start from the beginning in the next worker: ${why}`,
    )
    return false
  }
  if (!departure()?.carried(user.index, carried)) return false
  user.end(true)
  return true
}
