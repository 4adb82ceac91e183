import type { ClockAnchor } from '../../clock.ts'
import type { BuiltInGuard } from '../../guard/built-in-guard.ts'
import type { Fleet } from '../../../core/fleet/fleet.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { HandOverPart } from './handover/carried-user.ts'
import type { EngineTurn } from './handover/inheritance.ts'
import type { Totals } from '../../../core/window/message.ts'

/** What the worker's shell (main thread) and its engine (worker thread) say to each other. */

export interface EngineSetup {
  plan: RunPlan
  /** As the control said when the worker came. */
  fleet: Fleet
  slice: number
  attempt: number
  /** Path of the verified bundle. */
  bundleFile: string
  /** What `beforeRun` returned. */
  data: unknown
  /** The run's clock: all moments of the run are told by it. */
  anchor: ClockAnchor
  /** Epoch milliseconds. */
  startAt: number
  leaseUntil: number
  /** Hosts that may be loaded, also `*.example.com`; null: any. */
  allow: readonly string[] | null
  /** Int32: [0] hops written so far. The shell reads it if it must end an engine that does not answer. */
  sent: SharedArrayBuffer
  /** `debug`: one user does each task once, in order, and every exchange is told. */
  mode: 'run' | 'debug' | 'trace'
  /** `debug`: a user that has waited so long for something that is not burst's is left behind. Default 30 s. */
  stuckMs?: number
}

export type ToEngine =
  /** The slice is claimed, or nobody else is there who could: run it. Without a turn: from the beginning of the run to its end. */
  | { type: 'begin'; turn?: EngineTurn }
  /** A later part of what the worker before this one hands over; null: nothing more will come. */
  | { type: 'inherit'; part: HandOverPart | null }
  /** `fleet`: only where the load was changed since the last word. */
  | { type: 'control'; startAt: number; leaseUntil: number; readAt: number; fleet?: Fleet }
  | { type: 'stop'; graceMs: number }
  | { type: 'flush' }

export type FromEngine =
  | { type: 'loaded' }
  | { type: 'failed'; message: string }
  /** What was counted in one window of the grid and has not been handed over, as `encodeWindow` writes it; `window` is its place. */
  /** A part of what this worker hands over to the next, as `encodePart` writes it. */
  | { type: 'handOver'; part: string; last: boolean }
  | { type: 'counted'; window: number; content: string; totals: Totals; done: boolean; handedOver?: boolean }
  | { type: 'trace'; event: TraceEvent }

/** One thing that a user did, for people who look at one user, and for tests that compare runs. */
export type TraceEvent =
  | { kind: 'exchange'; exchange: TracedExchange }
  | { kind: 'pause'; user: number; iteration: number; ms: number }
  | { kind: 'task'; user: number; iteration: number; task: string }
  | { kind: 'hook'; user: number; hook: 'onStart' | 'onStop' | 'stop' }

/** One question and its answer on the wire. */
export interface TracedHop {
  method: string
  url: string
  requestHeaders: Record<string, string>
  requestBody: string | null
  status: number
  responseHeaders: Record<string, string>
  /** Unpacked; null when there was none. */
  responseBody: string | null
  /** Request written → last byte of this hop, milliseconds. */
  hopMs: number
}

/** A finished request; its own fields are those of its last hop. */
export interface TracedExchange extends TracedHop {
  /** The redirects before it, in their order. */
  redirects: TracedHop[]
  user: number
  iteration: number
  /** Which request of its user it was, in the order of the calls: 1, 2, 3 … */
  call: number
  name: string
  bytesIn: number
  /** Of the whole chain. */
  latencyMs: number
  /** Why the request failed, null if it did not. */
  failure: string | null
}

/** What an engine is given beside its setup and the scenario. */
export interface EngineParts {
  builtIns: BuiltInGuard
  tell: (message: FromEngine) => void
  /** The feeds that the scenario has made, in their order. */
  feeds: readonly object[]
}
