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
  /** The source of each task's requests, by task; the key null is for `onStart` and `onStop`. */
  sources: ReadonlyMap<PlannedTask | null, Source>
  make: new () => HttpUser
  /** `true` if connections close after each response. Default false. */
  closes?: boolean
  /** The protocol that users of the class speak. Default false: HTTP/1.1. */
  http2?: Http2
}

/** A request, or a message of a WebSocket connection, that a user awaits from a target. */
export interface InFlight extends PromiseLike<unknown> {
  /** `true` if the call has ended. It may not have been judged yet. */
  readonly over: boolean
  /** `true` if the call was refused. The scenario then cannot await the call. */
  readonly refused: boolean
  /** `true` if the scenario has left the loop that reads the response. The scenario then awaits nothing more of the call. */
  readonly isLeft?: boolean
  /** The time at which the call ended; 0 before that. */
  readonly dueMs: number
  /** Ends the call now, because the user's time has ended. */
  interrupt(): void
  /**
   * Ends the stream that the call receives. Without `all`, the user was asked to stop, and only a stream of events ends. With `all`, the task that
   * read the stream has ended, and a stream of any kind ends.
   */
  endStream?(all: boolean): void
  /** Ends the call without judging it. */
  abandon(): void
}

/** The members of a user that the engine uses. */
export interface RunningUser {
  readonly index: number
  readonly userClass: LoadedClass
  /** The number of the current iteration: 0 in `onStart`, then 1, 2, 3 … */
  readonly iterations: number
  /** The code that the user runs now, to which its requests belong. */
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
  /** Prepares the request that opens a connection. */
  prepareSocket(url: unknown, options: object | undefined): CallPlan
  /**
   * Called before each message that is sent or awaited, to record that the iteration is not empty.
   * @throws CutOff when the user no longer sends
   */
  acts(): void
  /**
   * Checks that the user may continue its loop.
   * @throws CutOff when the user must end its iteration, because the run is paused or its worker hands the user over
   */
  mayRead(): void
  /** Returns a pause that lasts until it is released, or until the user is asked to stop. */
  hold(): { ended: Promise<void>; release: () => void }
  /**
   * Records that data for the user's code arrived at `atMs`. Called when the code continues. Only for data that does not count as a request. `waited`
   * is true if the code was waiting for the data. The time since `atMs` is then lag.
   */
  heard(atMs: number, waited: boolean): void
}

/** The client with which a user sends its requests. */
export interface UserRequests {
  send(plan: CallPlan, nowMs: number): Call
  /** Returns the WebSocket connections; loads their code at the first call. */
  sockets(): Promise<{ open(url: unknown, options: object | undefined): Promise<WebSocketConnection> }>
  readonly hasSockets: boolean
  /** Wakes the loops that read messages, so that they check whether the user must end its iteration. */
  endReading(): void
  /** Closes the WebSocket connections, because the user has ended. */
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
  /** The pool of all users if `connections` is 'shared', otherwise null. */
  readonly sharedConnections: Connections | null
  readonly cookieBudget: CookieBudget
  readonly seed: number
  /** `true` if each request has a `traceparent` header. */
  readonly traceContext: boolean
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  /** Receives every exchange and pause (`burst debug`, tests); otherwise null. */
  readonly trace: ((event: TraceEvent) => void) | null
  /** Makes the object with which a user sends requests. */
  callsOf(user: SocketOwner, cookies: Cookies, connections: Connections): UserRequests
  /** Returns, in words, the reason why users may not send now; undefined if they may send. */
  refusal(nowMs: number): string | undefined
  rank(index: number, classes: readonly string[]): { rank: number; of: number }
  readonly harm: Harm
  /** Receives the events of users; null without `onEvent`. */
  readonly events: EventHook | null
  /** Ends a user before its planned end. If `forGood` is true, the user does not begin again. */
  leaveEarly(user: RunningUser, forGood: boolean): void
  notice(text: string): void
}

/**
 * Returns a task of a class.
 * @throws TypeError when the class does not have this task
 */
export function sourceOf({ name, sources }: LoadedClass, task: PlannedTask | null): Source {
  const source = sources.get(task)
  if (!source) throw new TypeError(`class ${name} has no such task`)
  return source
}

/** Returns the sources of a class. */
export function sourcesOf(name: string, tasks: readonly PlannedTask[]): LoadedClass['sources'] {
  const ofTasks = tasks.map((task) => [task, { task: `${name}\t${task.name}`, tags: task.tags }] as const)
  return new Map<PlannedTask | null, Source>([[null, { task: `${name}\tonStart, onStop`, tags: [] }], ...ofTasks])
}
