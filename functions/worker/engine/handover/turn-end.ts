import { clearTimeout, setTimeout } from '../../../guard/built-ins.ts'
import type { Executor } from '../executors/executor.ts'
import type { FromEngine } from '../protocol.ts'
import { type HandOverPart, emptyPart, encodePart } from './carried-user.ts'
import type { EngineTurn } from './inheritance.ts'

/** The longest delay for which a timer is set, in milliseconds. */
const longestTimerMs = 2_000_000_000
/**
 * A hand-over may begin late, for example because the event loop of the worker was blocked. If the hand-over has not begun this many milliseconds
 * after the end of the turn, the users may not send requests, because the next worker may have stopped waiting for them.
 */
const lateMs = 1_500

interface TurnEndFloor {
  readonly executor: Executor
  readonly clock: { nowMs(): number }
  readonly tell: (message: FromEngine) => void
}

/** Starts the hand-over of a worker's users when its turn ends. */
export class TurnEnd {
  readonly #context: TurnEndFloor
  #turn: EngineTurn | undefined
  #endsAtMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  /** `true` if the hand-over has begun. */
  #departed = false
  /** The order to stop the users; undefined until the order is given. */
  #stop: { isRunStopped: boolean } | undefined

  constructor(context: TurnEndFloor) {
    this.#context = context
  }

  /** Sets the timer for the end of the turn. Called again when the start of the run is moved. */
  arm(startMs: number, turn = this.#turn): void {
    this.#turn = turn
    if (turn?.untilMs == null) return
    this.#endsAtMs = startMs + turn.untilMs
    clearTimeout(this.#timer)
    const waitMs = Math.max(0, this.#endsAtMs - this.#context.clock.nowMs())
    this.#timer = setTimeout(() => this.#due(startMs), Math.min(waitMs, longestTimerMs))
  }

  /** Returns whether users may send requests. Returns false only if the turn ended at least `lateMs` ago and the hand-over has still not begun. */
  mayAct(nowMs: number): boolean {
    return this.#departed || nowMs < this.#endsAtMs + lateMs
  }

  /** Records an order to stop the users. `isRunStopped`: the whole run is stopped, so no other worker continues the users. */
  stopped(isRunStopped: boolean): void {
    this.#stop = { isRunStopped: isRunStopped || this.#stop?.isRunStopped === true }
  }

  /** `true` if the next worker continues the users. */
  get handsOver(): boolean {
    return this.#departed && !this.#stop
  }

  /** `true` if the users were neither stopped nor handed over. */
  get isUndisturbed(): boolean {
    return !this.#departed && !this.#stop
  }

  /**
   * Called when all users have ended. If the users ended by themselves, or because the run was stopped, tells the next worker that no users are
   * handed over.
   */
  finished(): void {
    if (this.#departed || this.#turn?.untilMs == null || this.#stop?.isRunStopped === false) return
    this.#tell({ ...emptyPart(), last: true, finished: true })
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #due(startMs: number): void {
    // A timer may fire a little too early. In this case, it is set again.
    if (this.#context.clock.nowMs() < this.#endsAtMs) return this.arm(startMs)
    this.#departed = true
    this.#context.executor.depart((part) => this.#tell(part))
  }

  #tell(part: HandOverPart): void {
    this.#context.tell({ type: 'handOver', part: encodePart(part), last: part.last })
  }
}
