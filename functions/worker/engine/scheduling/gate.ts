import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { dueAfterPauses } from '../../../../core/fleet/changes/pause.ts'
import type { Fleet } from '../../../../core/fleet/fleet.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { Presence } from '../counting/presence.ts'
import type { Pace } from './pace.ts'
import type { Rest } from './rest.ts'

/** The longest delay for which a timer is set, in milliseconds. */
const longestTimerMs = 2_000_000_000

/** The members of a user that the gate uses. */
export interface HeldUser {
  readonly index: number
  readonly rest: Rest
  readonly pace: Pace
  readonly stopping: boolean
  /** If the user must end its iteration, ends the user's loops over events and messages. */
  endReading(): void
}

interface GateHost {
  readonly clock: Pick<EngineClock, 'nowMs'>
  readonly fleet: Fleet
  /** The start of the run on the engine's clock. */
  readonly startMs: number
  readonly presence: Presence
  readonly executor: {
    /** Starts users that are due to start, and stops users that are due to end. */
    catchUp(): void
    /** Returns the users that `look` checks. If the run is paused for a user, `look` holds the user or ends its loops over events and messages. */
    present(): Iterable<HeldUser>
  }
}

/**
 * While the run is paused, holds users between two iterations and before `onStart`. A held user does not count as present. If a user is between two
 * iterations when the pause begins, it is held immediately. Any other user is held when its iteration ends.
 */
export class Gate {
  readonly #host: GateHost
  /** The held users. For each user, the moment at which it was held, in milliseconds since the start of the run. */
  readonly #held = new Map<HeldUser, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(host: GateHost) {
    this.#host = host
  }

  /** The number of users that the gate holds. */
  get held(): number {
    return this.#held.size
  }

  /** Returns the number of the given users that the gate does not hold. */
  notHeld(users: ReadonlySet<HeldUser>): number {
    if (this.#held.size === 0) return users.size
    let count = 0
    for (const user of users) if (!this.#held.has(user)) count++
    return count
  }

  /** Returns whether the run is now paused for a user that is due to act at `dueMs` on the engine's clock. Default of `dueMs`: the current time. */
  isShut({ index }: Pick<HeldUser, 'index'>, dueMs?: number): boolean {
    const { fleet, startMs, clock } = this.#host
    if (fleet.pauses.length === 0) return false
    const nowMs = clock.nowMs() - startMs
    return dueAfterPauses(fleet.pauses, index, dueMs === undefined ? nowMs : dueMs - startMs) > nowMs
  }

  /**
   * Holds a user between two iterations if the run is paused for this user.
   * @returns whether the user is held
   */
  rests(user: HeldUser): boolean {
    if (this.#host.fleet.pauses.length === 0) return false
    if (this.#held.has(user)) return true
    if (!this.isShut(user)) return false
    this.#host.presence.settle()
    this.#held.set(user, this.#nowMs)
    this.#arm()
    return true
  }

  /**
   * Holds the user while the run is paused. Resolves when the user may continue, must stop, or must be handed over. `dueMs` is the time at which the
   * user is due to continue (by default now).
   */
  async pass(user: HeldUser, dueMs?: number): Promise<void> {
    let shut = this.isShut(user, dueMs)
    while (shut && !user.stopping && !user.rest.departing) {
      this.rests(user)
      const [cameMs, sinceMs] = [this.#host.clock.nowMs(), this.#nowMs]
      await user.rest.hold()
      const { startMs, clock, fleet } = this.#host
      const openMs = startMs + dueAfterPauses(fleet.pauses, user.index, sinceMs)
      const nowMs = clock.nowMs()
      user.pace.heldBack({ fromMs: cameMs, untilMs: Math.min(openMs, nowMs), lagMs: Math.max(0, nowMs - openMs) })
      shut = this.isShut(user)
      // If the pause of the run has ended, the user was due at the end of the pause. Otherwise, the user is due now. With this due time, the next
      // worker does not count the pause as lag.
      if (user.rest.departing) user.rest.untilMs = Math.min(openMs, nowMs)
    }
  }

  /** Called when a user is asked to stop, when it ends, and when it is handed over to another worker. */
  leaves(user: HeldUser): void {
    if (!this.#held.has(user)) return
    this.#host.presence.settle()
    this.#held.delete(user)
  }

  /**
   * Holds users when a pause begins, and releases the users when the pause ends. Called at the beginning of each second, and by the gate's own timer.
   * A change of the pauses takes effect some seconds after the workers have read it. Each call therefore knows the pauses that are in effect.
   */
  look(): void {
    const { fleet, executor } = this.#host
    if (fleet.pauses.length === 0) return
    // Users whose planned end has passed must stop before they begin another iteration.
    executor.catchUp()
    for (const user of executor.present()) {
      if (user.rest.untilMs === null) user.endReading()
      else this.rests(user)
    }
    this.#release()
    this.#arm()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  get #nowMs(): number {
    return this.#host.clock.nowMs() - this.#host.startMs
  }

  #release(): void {
    const { fleet, presence, startMs } = this.#host
    const nowMs = this.#nowMs
    for (const [user, sinceMs] of this.#held) {
      const openMs = dueAfterPauses(fleet.pauses, user.index, sinceMs)
      if (openMs > nowMs) continue
      presence.settle()
      this.#held.delete(user)
      presence.begun(startMs + openMs)
      user.rest.release()
    }
  }

  /** Sets the timer for the next moment at which a pause begins or a held user is released. */
  #arm(): void {
    const { fleet } = this.#host
    const nowMs = this.#nowMs
    let nextMs = Number.POSITIVE_INFINITY
    for (const { fromMs } of fleet.pauses) if (fromMs > nowMs) nextMs = Math.min(nextMs, fromMs)
    for (const [{ index }, sinceMs] of this.#held)
      nextMs = Math.min(nextMs, dueAfterPauses(fleet.pauses, index, sinceMs))
    clearTimeout(this.#timer)
    if (nextMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.look(), Math.min(Math.max(0, Math.ceil(nextMs - nowMs)), longestTimerMs))
  }
}
