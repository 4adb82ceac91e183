import type { Call, CallPlan } from '../http/call.ts'
import type { Connections } from '../http/connection/connections.ts'
import type { ConnectionMaker } from '../http/connection/connector.ts'
import type { CookieBudget, Cookies } from '../http/cookies.ts'
import type { Routes } from '../http/sending/http-client.ts'
import type { ReadyQueue } from './ready-queue.ts'
import type { Recorder } from '../counting/recorder.ts'
import type { Pace } from './pace.ts'
import type { TraceEvent } from '../protocol.ts'

import type { Seat } from '../../../../core/authoring/seat.ts'
import type { HttpUser } from '../../../../core/authoring/user.ts'
import type { PlannedTask } from '../../../../core/plan/plan.ts'

/** A class of the scenario, ready to be instantiated. */
export interface LoadedClass {
  name: string
  tasks: PlannedTask[]
  make: new () => HttpUser
}

/** What the floor needs to know of a user. */
export interface FloorUser {
  readonly index: number
  readonly userClass: LoadedClass
  /** 0 in `onStart`, then 1, 2, 3 … */
  readonly iterations: number
  /** Of the task it is in. */
  readonly tags: readonly string[]
  /** It sends nothing any more. */
  readonly silent: boolean
  readonly started: boolean
  readonly inFlight: Set<Call>
  readonly pace: Pace
}

/** What all users of one worker stand on. */
export interface EngineFloor {
  readonly recorder: Recorder
  readonly ready: ReadyQueue
  readonly routes: Routes
  readonly maker: ConnectionMaker
  /** One pool for all users, with `connections: 'shared'`. */
  readonly sharedConnections: Connections | null
  readonly cookieBudget: CookieBudget
  readonly seed: number
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  /** Told of every exchange and pause, when somebody wants to see them (`burst debug`, tests). */
  readonly trace: ((event: TraceEvent) => void) | null
  call(plan: CallPlan, user: FloorUser & Seat, cookies: Cookies, connections: Connections): Call
  /** Throws when the coordinator's word is too old to go on loading anybody. */
  assertMaySend(): void
  rank(index: number, classes: readonly string[]): { rank: number; of: number }
  /** The user met its first failure or exception. */
  harmed(user: FloorUser): void
  /** The user's life ends before the plan says so; with `forGood` it has no other. */
  leaveEarly(user: FloorUser, forGood: boolean): void
  notice(text: string): void
}
