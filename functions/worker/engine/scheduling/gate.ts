import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { goesOnAt } from '../../../../core/fleet/pause.ts'
import type { Fleet } from '../../../../core/fleet/fleet.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { Presence } from '../counting/presence.ts'
import type { Pace } from './pace.ts'
import type { Rest } from './rest.ts'

/** Later than any timer may be set, milliseconds. */
const longestTimerMs = 2_000_000_000

/** A user as the gate needs it. */
export interface HeldUser {
  readonly index: number
  readonly rest: Rest
  readonly pace: Pace
  readonly stopping: boolean
}

interface GateHost {
  readonly clock: Pick<EngineClock, 'nowMs'>
  readonly fleet: Fleet
  /** The start of the run on the engine's clock. */
  readonly startMs: number
  readonly presence: Presence
  readonly executor: {
    /** Does what is due by now. */
    catchUp(): void
    /** Users that are between two iterations, or between two tries of `onStart`. */
    resting(): Iterable<HeldUser>
  }
}

/**
 * Holds users between two iterations, and before `onStart`, while the run is paused. A user that is held is not counted as there: not from
 * the beginning of the pause if it rests then, otherwise from the end of its iteration.
 */
export class Gate {
  readonly #host: GateHost
  /** Users that are held, and since when, milliseconds since the start. */
  readonly #held = new Map<HeldUser, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(host: GateHost) {
    this.#host = host
  }

  /** How many users are held. */
  get held(): number {
    return this.#held.size
  }

  /** Whether a user may not begin now what was due at a moment of the engine's clock. */
  isShut({ index }: Pick<HeldUser, 'index'>, dueMs?: number): boolean {
    const { fleet, startMs, clock } = this.#host
    if (fleet.pauses.length === 0) return false
    const nowMs = clock.nowMs() - startMs
    return goesOnAt(fleet.pauses, index, dueMs === undefined ? nowMs : dueMs - startMs) > nowMs
  }

  /** Counts a user that does not act as held, where the gate is shut for it. @returns whether it is held */
  rests(user: HeldUser): boolean {
    if (this.#host.fleet.pauses.length === 0) return false
    if (this.#held.has(user)) return true
    if (!this.isShut(user)) return false
    this.#host.presence.settle()
    this.#held.set(user, this.#nowMs)
    this.#arm()
    return true
  }

  /** Resolves when the user may go on, is to stop, or is to be handed over. `dueMs`: when it should go on; default: now. */
  async pass(user: HeldUser, dueMs?: number): Promise<void> {
    let shut = this.isShut(user, dueMs)
    while (shut && !user.stopping && !user.rest.departing) {
      this.rests(user)
      const [cameMs, sinceMs] = [this.#host.clock.nowMs(), this.#nowMs]
      await user.rest.hold()
      const { startMs, clock, fleet } = this.#host
      const openMs = startMs + goesOnAt(fleet.pauses, user.index, sinceMs)
      const nowMs = clock.nowMs()
      user.pace.heldBack({ fromMs: cameMs, untilMs: Math.min(openMs, nowMs), lagMs: Math.max(0, nowMs - openMs) })
      shut = this.isShut(user)
      // What it has waited here is not lateness for the worker that it goes to.
      if (user.rest.departing) user.rest.untilMs = Math.min(openMs, nowMs)
    }
  }

  /** A user ends, or goes to another worker. */
  leaves(user: HeldUser): void {
    if (!this.#held.has(user)) return
    this.#host.presence.settle()
    this.#held.delete(user)
  }

  /** Does what is due by now. Called at each second's beginning, so that a change of the pauses, which has some seconds' notice, is seen in time. */
  look(): void {
    const { fleet, executor } = this.#host
    if (fleet.pauses.length === 0) return
    // A user whose life is over by now does not begin another iteration.
    executor.catchUp()
    for (const user of executor.resting()) this.rests(user)
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
      const openMs = goesOnAt(fleet.pauses, user.index, sinceMs)
      if (openMs > nowMs) continue
      presence.settle()
      this.#held.delete(user)
      presence.begun(startMs + openMs)
      user.rest.release()
    }
  }

  /** The next pause, and the next user that comes back. */
  #arm(): void {
    const { fleet } = this.#host
    const nowMs = this.#nowMs
    let nextMs = Number.POSITIVE_INFINITY
    for (const { fromMs } of fleet.pauses) if (fromMs > nowMs) nextMs = Math.min(nextMs, fromMs)
    for (const [{ index }, sinceMs] of this.#held) nextMs = Math.min(nextMs, goesOnAt(fleet.pauses, index, sinceMs))
    clearTimeout(this.#timer)
    if (nextMs === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.look(), Math.min(Math.max(0, Math.ceil(nextMs - nowMs)), longestTimerMs))
  }
}
