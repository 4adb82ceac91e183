import type { UserRuntime } from '../../../../core/authoring/runtime.ts'
import type { Fleet } from '../../../../core/fleet/fleet.ts'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import type { HandOverPart } from '../handover/carried-user.ts'
import type { EngineTurn } from '../handover/inheritance.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { Census, Presence } from '../counting/presence.ts'
import type { HeldUser } from '../scheduling/gate.ts'
import type { EngineContext, RunningUser, LoadedClass } from '../users/context.ts'

/** Starts and stops users. The closed model, the open model and `burst debug` each have their own executor. */
export interface Executor {
  /** Receives the turn of the worker. Called once, before `startAt`. */
  take(turn: EngineTurn): void
  /** Receives a later part of the previous worker's hand-over; null if no further part will arrive. */
  inherit(part: HandOverPart | null): void
  /** Hands all users over to the next worker, each user after its iteration. `done` resolves when each user has been handed over or has ended. */
  depart(tell: (part: HandOverPart) => void): void
  /** Starts the load at the time `startMs` on the engine's clock. Until that time, the method may be called again with a different time. */
  startAt(startMs: number): void
  /** Adapts the users to the current fleet. Called after a change of the load. */
  replan(): void
  /** Starts users that are due to start, and stops users that are due to end. */
  catchUp(): void
  /** Returns the users that must come to rest when a pause of the run begins. A user that is in an iteration finishes the iteration first. */
  present(): Iterable<HeldUser>
  /** Asks all users to stop. After the call, no further user starts. With `skipOnStop`, the users end without `onStop`. */
  stop(graceMs: number, skipOnStop?: boolean): void
  leaveEarly(user: RunningUser, forGood: boolean): void
  census(): Census
  /** Resolves when all users have ended and no further user will begin. */
  readonly done: Promise<void>
}

/** The services of the engine for an executor. They include the services for users (`EngineContext`). */
export interface ExecutorContext extends EngineContext {
  readonly clock: EngineClock
  readonly setup: {
    readonly plan: RunPlan
    readonly slice: number
    readonly attempt: number
    /** An Int32 in shared memory: [0] is the number of hops whose requests the engine has written so far. */
    readonly sent: SharedArrayBuffer
  }
  readonly fleet: Fleet
  /** The start of the run, on the engine's clock. */
  readonly startMs: number
  /** The feeds of the scenario, in the order in which the scenario creates them. */
  readonly feeds: readonly object[]
  readonly classes: readonly LoadedClass[]
  /** Counts the users over time. The executor must call `presence.settle` before the number of users changes. */
  readonly presence: Presence
  /** The class of each user of the current fleet, as an index into `classes`. */
  readonly assigned: Uint16Array
  /** Runs a user's code. While this code runs, feeds and `Math.random` draw for the current user. */
  asUser<T>(user: UserRuntime, body: () => T): T
  /** Called after a user's code has run, to restore built-ins that the code replaced. */
  userCodeRan(): void
  /** Called when a user has completed `onStart`. */
  begun(user: RunningUser & UserRuntime): void
}
