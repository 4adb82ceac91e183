import type { Seat } from '../../../../core/authoring/runtime.ts'
import type { Fleet } from '../../../../core/fleet/fleet.ts'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import type { EngineClock } from '../engine-clock.ts'
import type { Census, Presence } from '../counting/presence.ts'
import type { EngineFloor, FloorUser, LoadedClass } from '../users/context.ts'

/** What brings users to life: the closed model's schedule, the open model's arrivals, or one user's rehearsal. */
export interface Crew {
  /** Begins at a moment of the engine's clock; may be told again while that lies ahead. */
  startAt(startMs: number): void
  /** Asks everybody to stop; nobody new begins. */
  stop(graceMs: number): void
  leaveEarly(user: FloorUser, forGood: boolean): void
  census(): Census
  /** Resolves when all have ended and none will begin. */
  readonly done: Promise<void>
}

/** What a crew stands on, besides what its users do. */
export interface CrewFloor extends EngineFloor {
  readonly clock: EngineClock
  readonly setup: { readonly plan: RunPlan; readonly slice: number }
  readonly fleet: Fleet
  readonly classes: readonly LoadedClass[]
  /** Told before the number of users changes. */
  readonly presence: Presence
  /** Class of each planned user, as an index into `classes`. */
  readonly assigned: Uint16Array
  /** Runs a user's code so that feeds and Math.random know whose it is. */
  asUser<T>(user: Seat, body: () => T): T
  /** Code of a user has just run: built-ins that it replaced are put back. */
  userCodeRan(): void
  /** A user has passed `onStart`. */
  begun(user: FloorUser): void
}
