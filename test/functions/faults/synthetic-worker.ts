import { type Fleet, fleetAt, sliceOf } from '../../../core/fleet/fleet.ts'
import { isReplaced } from '../../../core/fleet/floors.ts'
import { type Turn, turnOf } from '../../../core/fleet/turns.ts'
import type { Control } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { encodeWindow } from '../../../core/window/codec/codec.ts'
import { addTotals, totalsOf } from '../../../core/window/totals.ts'
import { zeroTotals } from '../../../core/window/message.ts'
import { type Window, emptySecondCell } from '../../../core/window/window.ts'
import type { WorkerEvent } from '../../../functions/events.ts'
import type { Environment } from '../../../functions/ports.ts'
import { markingEarlyFailures } from '../../../functions/worker/failed-before-claim.ts'
import { claim, isPastEnd } from '../../../functions/worker/handler.ts'
import { readControl } from '../../../functions/worker/read-control.ts'
import { Sender } from '../../../functions/worker/sender.ts'
import { cellOf, intervalOf } from '../../fixtures/run.ts'

/** After a freeze of more than this number of milliseconds, a worker must read the control file again before it sends requests. */
const stoodStillMs = 5000

/** The reason why a worker no longer sends requests. */
type Ending = 'over' | 'handed over' | 'no turn'

/** A request that arrived at the target. */
export interface Arrived {
  /** `slice-attempt`. */
  worker: string
  /** The time at which the request arrived, on a clock without an offset. */
  atMs: number
  /**
   * The time from the end of the lease to the arrival of the request, in milliseconds. The value is negative if the request arrived before the end of
   * the lease.
   */
  overLeaseMs: number
}

/** The number of users of each slice. */
const users = 2

/**
 * A worker without the engine thread, because that thread cannot run in simulated time. The code that claims the slice, reads the control file and
 * sends messages is real. The worker only counts requests, two in each tick, and does not send them. The worker follows the rules of `shell.ts` for
 * replacements, stops, leases and turns.
 */
export class SyntheticWorker {
  readonly #event: WorkerEvent
  readonly #plan: RunPlan
  readonly #env: Environment
  readonly #arrived: (one: Pick<Arrived, 'worker'>) => void
  readonly #sender: Sender
  readonly #tickMs: number
  #control: Control | undefined
  #readAt = 0
  #gone = false
  #turn: Turn | undefined
  #lastAt = 0
  /** The worker sends requests only if it last read the control file at this time or later. */
  #waitsFor = 0
  #counted = 0
  #second = 0
  /** The first second of the run for which users have not been counted yet. Undefined if the users have not begun. */
  #uncounted: number | undefined
  #hasStarted = false
  #totals = zeroTotals

  constructor(
    event: WorkerEvent,
    plan: RunPlan,
    { env, arrived, tickMs }: { env: Environment; arrived: (one: { worker: string }) => void; tickMs: number },
  ) {
    this.#event = event
    this.#plan = plan
    this.#env = env
    this.#arrived = arrived
    this.#tickMs = tickMs
    this.#sender = new Sender(event, plan, { env, patienceMs: 3_600_000 })
  }

  async run(): Promise<void> {
    return markingEarlyFailures(
      () => claim(this.#event, this.#env),
      (tryToClaim) => this.#run(tryToClaim),
    )
  }

  async #run(tryToClaim: () => Promise<boolean>): Promise<void> {
    if (await isPastEnd(this.#plan, this.#env)) return
    await this.#poll()
    if (!this.#control || !(await tryToClaim())) return
    void this.#keepPolling()
    const ending = await this.#load()
    this.#gone = true
    if (ending === 'no turn') this.#sender.sayNothing(this.#window())
    else this.#flush(true, ending === 'handed over')
    await this.#sender.flushed()
  }

  async #keepPolling(): Promise<void> {
    while (!this.#gone) {
      await this.#env.clock.sleep(this.#plan.timing.controlPollMs)
      await this.#poll()
    }
  }

  async #poll(): Promise<void> {
    const readAt = this.#now()
    const control = await readControl(this.#event.run, this.#env)
    if (control === undefined) return
    this.#control = control ?? undefined
    this.#readAt = readAt
  }

  /** Sends requests during the turn of the worker. Returns the reason why the worker no longer sends. */
  async #load(): Promise<Ending> {
    this.#lastAt = this.#now()
    for (;;) {
      const ending = this.#step(this.#now())
      if (ending) return ending
      await this.#env.clock.sleep(this.#tickMs)
    }
  }

  #step(nowMs: number): Ending | undefined {
    if (nowMs - this.#lastAt > stoodStillMs) this.#waitsFor = nowMs
    this.#lastAt = nowMs
    const control = this.#control
    if (!control || this.#mustStop(control, nowMs)) return 'over'
    const fleet = fleetAt(this.#plan, control)
    const atMs = nowMs - control.startAt
    if (atMs >= (fleet.profile.endMs ?? Infinity)) return 'over'
    const turn = this.#turnAt(fleet, atMs)
    return turn ? this.#inTurn(turn, atMs) : 'no turn'
  }

  /** Returns the turn at this time. A turn does not change after it has begun. */
  #turnAt(fleet: Fleet, atMs: number): Turn | undefined {
    const { slice, attempt } = this.#event
    if (!this.#turn || atMs < this.#turn.fromMs) this.#turn = turnOf(fleet, sliceOf(fleet, slice), attempt)
    return this.#turn
  }

  #inTurn({ fromMs, untilMs }: Turn, atMs: number): Ending | undefined {
    if (atMs >= (untilMs ?? Infinity)) return 'handed over'
    if (atMs >= fromMs && this.#readAt >= this.#waitsFor) this.#send(Math.floor(atMs / 1000))
    return undefined
  }

  #mustStop(control: Control, nowMs: number): boolean {
    return control.stop !== null || nowMs > control.leaseUntil || isReplaced(control, this.#event, nowMs)
  }

  #send(second: number): void {
    const perFlush = this.#plan.flushMs / 1000
    const window = Math.floor(second / perFlush) * perFlush
    if (this.#counted > 0 && this.#second < window) this.#flush(false)
    // After a freeze, users are not counted for the time before the current window.
    this.#uncounted = Math.max(this.#uncounted ?? 0, this.#counted > 0 ? 0 : this.#beganIn(window, second))
    this.#second = second
    for (let k = 0; k < users; k++) {
      this.#counted++
      this.#arrived({ worker: `${this.#event.slice}-${this.#event.attempt}` })
    }
  }

  /**
   * Returns the first second for which users are counted in a window, as a number of seconds since the start of the run. If the turn begins within
   * the window, the result is the second in which the turn begins. Otherwise, the result is the first second of the window. The result is
   * never greater than `second`.
   */
  #beganIn(window: number, second: number): number {
    return Math.min(second, Math.max(window, Math.floor((this.#turn?.fromMs ?? 0) / 1000)))
  }

  /**
   * Returns the end of the time for which users are counted, in seconds since the start of the run. If the worker is not done, the result is the end
   * of the window. If the worker is done, the result is the present time. A present time after the end of the window is replaced by this end. A
   * present time before the end of the second of the last request is replaced by the end of this second.
   */
  #activeUntil(done: boolean): number {
    const perFlush = this.#plan.flushMs / 1000
    const end = Math.floor(this.#second / perFlush) * perFlush + perFlush
    if (!done) return end
    const nowMs = this.#now() - (this.#control?.startAt ?? 0)
    return Math.max(this.#second + 1, Math.min(end, Math.floor(nowMs / 1000)))
  }

  /** Counts the users for each second that has passed since the last count. */
  #countUsers(content: Window, done: boolean): void {
    const { slice, attempt } = this.#event
    const [from, until] = [this.#uncounted ?? this.#second, this.#activeUntil(done)]
    for (let second = from; second < until; second++) {
      const known = content.seconds.get(second) ?? emptySecondCell()
      content.seconds.set(second, { ...known, users, userUs: users * 1e6 })
    }
    const worker = content.workers.get(`${slice}-${attempt}`)
    const activeFromMs = from * 1000
    if (worker) Object.assign(worker, { userUs: users * (until - from) * 1e6, activeFromMs, activeToMs: until * 1000 })
    // Users that start again in a replacement worker are counted as started only once.
    content.users.startedByClass.set('Shopper', attempt === 0 && !this.#hasStarted ? users : 0)
    this.#hasStarted = true
    this.#uncounted = until
  }

  #flush(done: boolean, handedOver = false): void {
    const { slice, attempt } = this.#event
    const name = `/by ${slice}-${attempt}`
    const cells =
      this.#counted > 0
        ? [
            cellOf(
              'GET',
              name,
              Array.from({ length: this.#counted }, () => 5),
            ),
          ]
        : []
    const content = intervalOf({ slice, attempt, second: this.#second, users: this.#counted > 0 ? users : 0, cells })
    if (this.#counted > 0) this.#countUsers(content, done)
    this.#totals = addTotals(this.#totals, totalsOf(content))
    this.#counted = 0
    const window = Math.floor((this.#second * 1000) / this.#plan.windowMs)
    this.#sender.send({
      type: 'counted',
      content: encodeWindow(content),
      totals: this.#totals,
      window,
      done,
      handedOver,
    })
  }

  #window(): number {
    return Math.max(0, Math.floor((this.#now() - (this.#control?.startAt ?? this.#now())) / this.#plan.windowMs))
  }

  #now(): number {
    return this.#env.clock.nowMs()
  }
}
