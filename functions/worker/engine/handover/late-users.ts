import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import { noticeMs } from '../../../../core/fleet/changes/epoch.ts'
import type { Draining } from '../executors/draining.ts'
import type { ExecutorContext } from '../executors/executor.ts'
import type { CarriedUser } from './carried-user.ts'
import type { Departure, Outcome } from './departure.ts'
import { remade } from './pack.ts'

/** The executor that takes over users. */
export interface TakingHost {
  readonly engine: ExecutorContext
  readonly draining: Draining
  /**
   * Returns the hand-over from this worker to the next worker; undefined until the turn of this worker ends. Users that arrive after the end of the
   * turn are passed on to the next worker.
   */
  readonly departure: () => Departure | undefined
  /** Called when a user has ended, or will not arrive. */
  readonly checkDone: () => void
}

/**
 * Ends the users that arrive from the previous worker but must not continue. Either the users were asked to stop, or their life is over, or they
 * exceed the limit for the hand-over to the next worker. Such a user only runs `onStop`.
 */
export class LateUsers {
  readonly #host: TakingHost
  readonly #giveUp: () => void
  /** The time within which each user must stop, in milliseconds. */
  #graceMs: number
  /** The moment, on the engine's clock, by which all users must have ended. */
  #endsByMs = Number.POSITIVE_INFINITY
  #isStopped = false
  #skipsOnStop = false
  #timer: NodeJS.Timeout | undefined

  /**
   * Creates the object for the users of one worker.
   * @param giveUp called when users can no longer arrive in time, and when `onStop` is to be skipped. `giveUp` must stop the wait for each user that
   * would only run `onStop`
   */
  constructor(host: TakingHost, giveUp: () => void) {
    this.#host = host
    this.#giveUp = giveUp
    this.#graceMs = host.engine.setup.plan.timing.drainMs
  }

  /** Called when all users are asked to stop. Each user must stop within `graceMs`. */
  stop(graceMs: number, skipOnStop: boolean): void {
    this.#skipsOnStop ||= skipOnStop
    if (skipOnStop) this.#giveUp()
    if (this.#isStopped) return
    this.#isStopped = true
    this.#graceMs = graceMs
    this.#limit()
  }

  /** Called when the planned life of a user is over, and the user has not arrived yet. */
  livesAreOver(): void {
    if (!this.#isStopped) this.#limit()
  }

  /** Runs `onStop` of a user, and ends the user. `outcome` tells the next worker what happened to the user. */
  end(carried: CarriedUser, outcome: Outcome): void {
    const { engine, draining } = this.#host
    const ended = (): void => {
      this.#host.departure()?.gone(carried.index, outcome)
      this.#host.checkDone()
    }
    if (this.#skipsOnStop || !carried.started) return ended()
    const user = remade(carried, engine)
    if (!user) {
      engine.notice(`onStop of a user of class ${carried.class} did not run, because burst could not continue the user`)
      return ended()
    }
    engine.recorder.countUsers('carried')
    const life = engine.asUser(user, async () => {
      // Waits for the call of `draining.stop` below. This call asks the user to stop. `onStop` must run after this request.
      await Promise.resolve()
      await user.leave()
    })
    const leftMs = this.#endsByMs - engine.clock.nowMs()
    void draining.stop(user, Math.max(0, Math.min(this.#graceMs, leftMs)), life).then(ended)
  }

  /** Counts a notice for a user that did not arrive. Does nothing if `onStop` is skipped, or if no class has `onStop`. */
  missed(): void {
    const { engine } = this.#host
    if (this.#skipsOnStop || !engine.classes.some(({ make }) => 'onStop' in make.prototype)) return
    engine.notice('onStop of a user may not have run: the user was being handed over, and did not arrive')
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /**
   * Limits the time in which users may arrive and end. The time includes a reserve, because the previous worker may learn of the stop later than this
   * worker.
   */
  #limit(): void {
    const { engine } = this.#host
    const waitMs = this.#graceMs + noticeMs(engine.setup.plan.timing)
    this.#endsByMs = engine.clock.nowMs() + waitMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#giveUp, waitMs)
  }
}
