import type { ClockAnchor } from '../../clock.ts'
import type { BuiltInGuard } from '../../guard/built-in-guard.ts'
import type { NodeMembers } from '../../guard/node-members.ts'
import type { Fleet } from '../../../core/fleet/fleet.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { HandOverPart } from './handover/carried-user.ts'
import type { EngineTurn } from './handover/inheritance.ts'
import type { Totals } from '../../../core/window/message.ts'

/** The messages between the worker's shell (main thread) and its engine (worker thread). */

export interface EngineSetup {
  plan: RunPlan
  /** The fleet, from the control file that the worker read at its start. */
  fleet: Fleet
  slice: number
  attempt: number
  /** The path of the verified bundle. */
  bundleFile: string
  /** The result of `beforeRun`. */
  data: unknown
  /** The run's clock, which measures all times of the run. */
  anchor: ClockAnchor
  /** The start of the run, in epoch milliseconds. */
  startAt: number
  /** The end of the lease, in epoch milliseconds. */
  leaseUntil: number
  /** The hosts to which requests may be sent, for example `*.example.com`; null if all hosts are allowed. */
  allow: readonly string[] | null
  /**
   * An Int32 in shared memory: [0] is the number of hops whose requests the engine has written so far. The shell reads this number when it must end
   * an engine that does not answer.
   */
  sent: SharedArrayBuffer
  /**
   * `run`: the engine runs the load of the plan. `debug`: one user of each class does each task once, in the order of the file (see `Rehearsal`).
   * `trace`, for tests: the engine runs the load of the plan. With `debug` and `trace`, the engine reports each action of a user (`TraceEvent`).
   */
  mode: 'run' | 'debug' | 'trace'
  /**
   * With `debug`, the maximum time, in milliseconds, for which a user may await something other than a request or a pause. After this time, burst
   * continues without the user. Default: 30,000.
   */
  stuckMs?: number
}

/** The data with which an engine's thread starts. */
export interface EngineStart {
  /** The setup; null if the thread receives its setup as the first message. */
  setup: EngineSetup | null
  /** `true` if the thread warms up: it runs its code before the users of the run start, so that V8 compiles the code. */
  warmsUp: boolean
}

export type ToEngine =
  /**
   * Orders the engine to run the slice. Before the shell sends this message, it claims the slice for this attempt, and waits until the turn of this
   * attempt can begin. Without `turn`, the engine runs the slice from the beginning of the run to the end of the run.
   */
  | { type: 'begin'; turn?: EngineTurn }
  /** A later part of the previous worker's hand-over; null if no further part will arrive. */
  | { type: 'inherit'; part: HandOverPart | null }
  /**
   * The content of the control file, which the shell read at `readAt`. All times are in epoch milliseconds. `fleet` is present only if a change of
   * the load, a pause or the end of a pause was stored since the last message.
   */
  | { type: 'control'; startAt: number; leaseUntil: number; readAt: number; fleet?: Fleet }
  /** `isRunStopped`: the whole run is stopped, so no other worker continues the users. */
  | { type: 'stop'; graceMs: number; skipOnStop: boolean; isRunStopped: boolean }
  | { type: 'flush' }

export type FromEngine =
  | { type: 'loaded' }
  | { type: 'failed'; message: string }
  /** A part of this worker's hand-over to the next worker, in the form of `encodePart`. */
  | { type: 'handOver'; part: string; last: boolean }
  /** The counts of one window that have not been handed over yet, in the form of `encodeWindow`. `window` is the number of the window. */
  | { type: 'counted'; window: number; content: string; totals: Totals; done: boolean; handedOver?: boolean }
  /**
   * A piece of a file for people, such as the CPU profile of the turn. `ending` is the extension of the file. Sent before the last counts.
   */
  | { type: 'file'; ending: 'cpuprofile' | 'samples.ndjson'; text: string }
  | { type: 'trace'; event: TraceEvent }

/** One action of a user. `burst debug` shows these events, and tests compare them. */
export type TraceEvent =
  | { kind: 'exchange'; exchange: TracedExchange }
  /** A message on the WebSocket connection with the name `name`. */
  | { kind: 'message'; user: number; name: string; way: 'sent' | 'received'; text: string }
  | { kind: 'pause'; user: number; iteration: number; ms: number }
  | { kind: 'task'; user: number; iteration: number; task: string }
  | { kind: 'hook'; user: number; hook: 'onStart' | 'onStop' | 'stop' }

/** One request and its response on the wire. */
export interface TracedHop {
  method: string
  url: string
  /** The headers. A header that occurs several times has a list of values. */
  requestHeaders: Record<string, string | string[]>
  requestBody: string | null
  status: number
  responseHeaders: Record<string, string | string[]>
  /**
   * The beginning of the decompressed body, at most 64 KiB. If the body is not text or cannot be decompressed, this string is a description in
   * brackets. Null if there was no body, or if burst did not keep the body.
   */
  responseBody: string | null
  /**
   * The time, in milliseconds, from the moment at which this hop's request was written to the moment at which the last byte of its response arrived.
   * 0 if the request was not written.
   */
  hopMs: number
}

/** A finished request. The fields of `TracedHop` describe the last hop of the request. */
export interface TracedExchange extends TracedHop {
  /** The redirects before the last hop, in the order in which they occurred. */
  redirects: TracedHop[]
  user: number
  iteration: number
  /**
   * The number of the request within the current life of its user: 1, 2, 3 … A round trip has the number of the request that opened its connection.
   */
  call: number
  name: string
  bytesIn: number
  /** The latency of the request, from the first hop to the last hop. */
  latencyMs: number
  /** The reason why the request failed; null if it succeeded. */
  failure: string | null
  /** `true` for a round trip of messages on an open WebSocket connection. A round trip has no HTTP request and no HTTP response. */
  isRoundTrip?: boolean
}

/** The objects that an engine receives in addition to its setup and the scenario. */
export interface EngineParts {
  builtIns: BuiltInGuard
  /** Undefined if the engine runs no code of a scenario, as in a warm-up. */
  nodeMembers?: NodeMembers
  tell: (message: FromEngine) => void
  /** The feeds of the scenario, in the order in which the scenario creates them. */
  feeds: readonly object[]
}
