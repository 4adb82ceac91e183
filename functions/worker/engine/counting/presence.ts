import { clearInterval, clearTimeout, setInterval, setTimeout } from '../../../guard/built-ins.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { Recorder } from './recorder.ts'

/**
 * If the event loop is blocked for at most this time (in milliseconds), the time of the block still counts as user time. The time of a longer block
 * does not count, because no user can act while the loop is blocked.
 */
const stoodStillMs = 1_000
/** A user that begins at most this late (in milliseconds) counts as present from the time at which it was due. */
const beginsOnTimeMs = 100
/**
 * The number of users is counted at the beginning of each second. If a user begins at most this late (in milliseconds), the user is also counted in
 * a second that began during its delay. A delay of more than `onTimeMs` (see `begun`) does not count as user time. When many users are due together,
 * as at the start of a run, they begin one after another, within some hundred milliseconds.
 */
const countedLateMs = 500
const settleEveryMs = 250
/** The longest delay for which a timer is set, in milliseconds. */
const longestTimerMs = 2_000_000_000

/** The number of users in each state at one moment. */
export interface Census {
  users: number
  /** The number of users that were asked to stop and have not ended. */
  draining: number
  /**
   * Returns the number of planned users that do not run for one of two reasons: the user has left by itself, or its new life waits for the end of its
   * previous life. Users that a pause would hold at `atMs` (milliseconds since the start of the run) do not count.
   */
  leftAt: (atMs: number) => number
}

export interface PresenceContext {
  readonly clock: Pick<EngineClock, 'nowMs'>
  readonly recorder: Recorder
  readonly startMs: number
  /** Holds users while the run is paused. */
  readonly gate?: { look(): void }
  readonly failing: { readonly present: number }
}

/** Counts users over time: the number of users alive at the beginning of each second, and the time for which they could act. */
export class Presence {
  readonly #context: PresenceContext
  readonly #census: () => Census
  readonly #settler: NodeJS.Timeout
  #sampler: NodeJS.Timeout | undefined
  #lastSampled = -1
  #settledMs: number

  constructor(context: PresenceContext, census: () => Census) {
    this.#context = context
    this.#census = census
    this.#settledMs = context.clock.nowMs()
    this.#settler = setInterval(() => this.settle(), settleEveryMs)
  }

  /**
   * Sets the timer for the next sample. The number of users is sampled at the beginning of each second after the start of the run. With `fromMs`
   * (milliseconds since the start of the run), the first sample is taken after this moment, because another worker counts the users of the slice
   * until then. `arm` is called again after each sample, and when the start of the run has been moved.
   */
  arm(fromMs = 0): void {
    clearTimeout(this.#sampler)
    if (this.#lastSampled === -1) this.#lastSampled = fromMs > 0 ? Math.floor(fromMs / 1000) : this.#secondNow() - 1
    const waitMs = this.#context.startMs + (this.#lastSampled + 1) * 1000 - this.#context.clock.nowMs()
    this.#sampler = setTimeout(
      () => {
        // If the run is paused from this second on, the gate must hold the users before they are counted.
        this.#context.gate?.look()
        this.sample()
        this.arm()
      },
      Math.max(0, Math.min(Math.ceil(waitMs), longestTimerMs)),
    )
  }

  /** Stores the number of users for each second that has begun. */
  sample(): void {
    const sinceStartMs = this.#context.clock.nowMs() - this.#context.startMs
    if (sinceStartMs < 0) return
    const second = Math.floor(sinceStartMs / 1000)
    const { users, draining } = this.#census()
    for (let at = this.#lastSampled + 1; at <= second; at++) {
      const cell = this.#context.recorder.cuts.second(at)
      cell.users += sinceStartMs - at * 1000 > stoodStillMs ? 0 : users
      cell.draining += draining
    }
    this.#lastSampled = second
  }

  /**
   * Adds the time since the last call of `settle` to the user time of each present user that is not failing. If this time is longer than
   * `stoodStillMs`, the event loop was blocked, and nothing is added for present users. Must be called before the number of users changes.
   */
  settle(): void {
    const nowMs = this.#context.clock.nowMs()
    const [fromMs, toMs] = [Math.max(0, this.#settledMs - this.#context.startMs), nowMs - this.#context.startMs]
    this.#settledMs = nowMs
    if (toMs <= fromMs) return
    const { users, leftAt } = this.#census()
    const acting = toMs - fromMs > stoodStillMs ? 0 : users - this.#context.failing.present
    this.#spread(fromMs, toMs, { users: acting, leftAt })
    if (users > 0) this.#active(fromMs, toMs)
  }

  /**
   * Counts a user that has begun. `dueMs` is the time, on the engine's clock, at which the user was due or was handed over. If the user began at most
   * `onTimeMs` later, its user time begins at `dueMs`. Call `settle` first.
   */
  begun(dueMs: number, onTimeMs = beginsOnTimeMs): void {
    const { startMs } = this.#context
    const [fromMs, toMs] = [Math.max(0, dueMs - startMs), this.#settledMs - startMs]
    const lateMs = toMs - fromMs
    if (lateMs < 0 || lateMs > Math.max(onTimeMs, countedLateMs)) return
    if (lateMs <= onTimeMs) {
      this.#spread(fromMs, toMs, { users: 1, leftAt: () => 0 })
      this.#active(fromMs, toMs)
    }
    for (let at = Math.ceil(fromMs / 1000); at * 1000 <= toMs && at <= this.#lastSampled; at++) {
      this.#context.recorder.cuts.second(at).users++
    }
  }

  /** Records that all users have ended by themselves. Their remaining planned time then does not count as missing. */
  finished(): void {
    this.settle()
    this.#context.recorder.cuts.now().worker.finishedMs = Math.max(0, this.#settledMs - this.#context.startMs)
  }

  close(): void {
    clearInterval(this.#settler)
    clearTimeout(this.#sampler)
  }

  /**
   * Returns the number of the current second, counted from the start of the run. A worker that starts late does not report the seconds before its
   * start.
   */
  #secondNow(): number {
    return Math.max(0, Math.floor((this.#context.clock.nowMs() - this.#context.startMs) / 1000))
  }

  #spread(fromMs: number, toMs: number, { users, leftAt }: Pick<Census, 'users' | 'leftAt'>): void {
    const { recorder } = this.#context
    for (let [at, from] = [Math.floor(fromMs / 1000), fromMs]; from < toMs; at++, from = at * 1000) {
      // `left` is used for the whole second. This is exact at the beginning of a pause, because a pause begins at the start of a second. At the
      // end of a pause, the users continue one after another, so `leftAt` may change within a second. `left` ignores this change.
      const left = leftAt(from)
      if (users + left === 0) continue
      const us = 1000 * (Math.min(toMs, (at + 1) * 1000) - from)
      const cell = recorder.cuts.second(at)
      const [userUs, leftUs] = [Math.round(us * users), Math.round(us * left)]
      cell.userUs += userUs
      cell.leftUs += leftUs
      recorder.cuts.now().worker.userUs += userUs + leftUs
    }
  }

  #active(fromMs: number, toMs: number): void {
    const { worker } = this.#context.recorder.cuts.now()
    worker.activeFromMs = Math.min(worker.activeFromMs ?? fromMs, fromMs)
    worker.activeToMs = Math.max(worker.activeToMs ?? toMs, toMs)
  }
}
