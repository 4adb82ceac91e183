import type { AwaitedByUser } from './calls/in-flight.ts'
import type { UnusedCalls } from './calls/unused-calls.ts'
import type { Call } from '../http/call.ts'
import type { CallPlan } from '../http/chain.ts'
import type { Connections } from '../http/connection/connections.ts'
import type { ConnectionMaker } from '../http/connection/connector.ts'
import type { CookieBudget, Cookies } from '../http/cookies.ts'
import type { Routes } from '../http/sending/routes.ts'
import type { Gate } from '../scheduling/gate.ts'
import type { ReadyQueue } from '../scheduling/ready-queue.ts'
import type { Harm } from '../counting/harm.ts'
import type { Source } from '../counting/source.ts'
import type { Counts } from '../counting/recorder.ts'
import type { Pace } from '../scheduling/pace.ts'
import type { EventHook } from '../event-hook.ts'
import type { TraceEvent } from '../protocol.ts'

import type { WebSocketConnection } from '../../../../core/authoring/requests/web-socket.ts'
import type { UserRuntime } from '../../../../core/authoring/runtime.ts'
import type { Http2 } from '../../../../core/authoring/requests/tls.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { PlannedTask } from '../../../../core/plan/plan.ts'
import type { FailingUsers } from './failing-users.ts'

/** A class of the scenario, ready to be instantiated. */
export interface LoadedClass {
  name: string
  tasks: PlannedTask[]
  /** For each task, the source of its requests. The key null is for `onStart` and `onStop`. */
  sources: ReadonlyMap<PlannedTask | null, Source>
  make: new () => HttpUser
  /** `true` if connections close after each response. Default false. */
  closes?: boolean
  /** Whether users of the class speak HTTP/2. By default, they speak HTTP/1.1. */
  http2?: Http2
}

/** A call that a user awaits from a target: a request, a message of a WebSocket connection, or the opening of such a connection. */
export interface InFlight extends PromiseLike<unknown> {
  /** `true` if the call has ended. It may not have been judged yet. */
  readonly over: boolean
  /** `true` if burst refused the call. The scenario then cannot await the call. */
  readonly refused: boolean
  /** `true` if the scenario has left the loop that reads the response. The scenario then no longer awaits the call. */
  readonly isLeft?: boolean
  /** The time at which the call ended; 0 until then. */
  readonly dueMs: number
  /** Ends the call immediately, because the user has no time left. */
  interrupt(): void
  /**
   * Ends the stream that the call receives. If `all` is false, ends only a stream of events. `all` is false when the user was asked to stop, leaves
   * with `this.stop()`, or must end its iteration. `all` is true when the code that read the stream has ended.
   */
  endStream?(all: boolean): void
  /** Ends the call without a judgement. */
  abandon(): void
}

/** The members of a user that the engine uses. */
export interface RunningUser {
  readonly index: number
  readonly userClass: LoadedClass
  /** The number of the current iteration: 0 in `onStart`, then 1, 2, 3 … */
  readonly iterations: number
  /** The code that the user currently runs. The user's requests belong to this source. */
  readonly source: Source
  /** `true` if the user may send no more requests. */
  readonly silent: boolean
  readonly started: boolean
  readonly inFlight: AwaitedByUser<InFlight>
  readonly unused: UnusedCalls
  readonly pace: Pace
}

/** The members of a user that its WebSocket connections use. */
export interface SocketOwner extends RunningUser, UserRuntime {
  /**
   * Prepares the request that opens a connection.
   * @throws CutOff when the user must not send requests
   */
  prepareSocket(url: unknown, options: object | undefined): CallPlan
  /**
   * Called before each message that is sent or awaited, to record that the iteration is not empty.
   * @throws CutOff when the user may send no more messages
   */
  acts(): void
  /**
   * Checks that the user may continue a loop that reads messages.
   * @throws CutOff when the user must end its iteration, because the run is paused or the worker hands the user over
   */
  mayRead(): void
  /** Returns a pause that lasts until it is released, or until the user is asked to stop. */
  hold(): { ended: Promise<void>; release: () => void }
  /**
   * Records that data for the user's code arrived at `atMs`. Called when the code receives data other than the response of a request. If the code had
   * to wait for the data (`waited`), the time since `atMs` is lag.
   */
  heard(atMs: number, waited: boolean): void
}

/** The client with which a user sends its requests. */
export interface UserRequests {
  send(plan: CallPlan, nowMs: number): Call
  /** Returns the WebSocket connections. The first call loads the code for WebSocket connections. */
  sockets(): Promise<{ open(url: unknown, options: object | undefined): Promise<WebSocketConnection> }>
  readonly hasSockets: boolean
  /** Resumes the loops that read messages, so that they check whether the user must end its iteration. */
  endReading(): void
  /** Closes the WebSocket connections. Called when the user has ended. */
  close(): void
}

/** The services that all users of one worker share. */
export interface EngineContext {
  readonly recorder: Counts
  readonly ready: ReadyQueue
  /** Holds users while the run is paused. */
  readonly gate: Gate
  readonly failing: FailingUsers
  readonly routes: Routes
  readonly maker: ConnectionMaker
  /** The connections that all users share if `connections` is 'shared'; otherwise null. */
  readonly sharedConnections: Connections | null
  readonly cookieBudget: CookieBudget
  readonly seed: number
  /** `true` if each request has a `traceparent` header. */
  readonly traceContext: boolean
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  /** Receives each action of a user, for `burst debug` and for tests; null in a run. */
  readonly trace: ((event: TraceEvent) => void) | null
  /** Returns the object with which a user sends its requests. */
  callsOf(user: SocketOwner, cookies: Cookies, connections: Connections): UserRequests
  /** Returns, in words, the reason why users must not send requests now; undefined if they may send requests. */
  refusal(nowMs: number): string | undefined
  rank(index: number, classes: readonly string[]): { rank: number; of: number }
  readonly harm: Harm
  /** Receives the events of users; null without `onEvent`. */
  readonly events: EventHook | null
  /** Ends a user before its planned end. If `forGood` is true, the user begins no further life. */
  leaveEarly(user: RunningUser, forGood: boolean): void
  notice(text: string): void
}

/**
 * Returns the source of a task's requests.
 * @throws TypeError when the class does not have this task
 */
export function sourceOf({ name, sources }: LoadedClass, task: PlannedTask | null): Source {
  const source = sources.get(task)
  if (!source) throw new TypeError(`class ${name} has no such task`)
  return source
}

/** Returns the sources of the requests of a class, by task. */
export function sourcesOf(name: string, tasks: readonly PlannedTask[]): LoadedClass['sources'] {
  const ofTasks = tasks.map((task) => [task, { task: `${name}\t${task.name}`, tags: task.tags }] as const)
  return new Map<PlannedTask | null, Source>([[null, { task: `${name}\tonStart, onStop`, tags: [] }], ...ofTasks])
}
