import type { DurationText } from '../duration.ts'
import type { Stage } from './load-stages.ts'
import { marks } from './runtime.ts'
import type { HttpUser } from './http-user.ts'

type Aggregate = `p${number}` | 'avg' | 'max'
type Rule = `${Aggregate} < ${DurationText}` | `errors < ${number}%` | `rps > ${number}`
/**
 * A limit that the run must keep, judged on `latency` over all names, or on what a prefix names: `'POST /cart: p99 < 1s'`,
 * `'tag:checkout: errors < 1%'`, `'check:has price: errors < 0.1%'`, `'intent: p95 < 2s'`.
 */
export type Threshold = Rule | `${string}: ${Rule}`

/** Users at a moment: seconds since the start → users; null ends the run. Called while planning, once per second of the run. */
export type Shape = (elapsedSeconds: number) => number | null

export interface ScenarioOptions {
  /**
   * Origin of the service under load, e.g. `https://shop.example.com`; a path in it is put before every route. `-H` replaces it. Without a
   * host here, `-H` is required: else exit code 104.
   */
  host?: string | undefined
  /** User classes; their `weight` and `count` share out the users. */
  users: readonly (new () => HttpUser)[]
  /** Stages in their order, or a function of time. Default: 1 user until `-t` or Ctrl-C. */
  load?: readonly Stage[] | Shape
  /** All are judged at the end; one that fails makes the run fail with exit code 99. Default none. */
  thresholds?: readonly Threshold[]
  /** What the run may cost on AWS. */
  budget?: `$${number}`
  /** Other hosts that redirects may lead to, e.g. `cdn.example.com`, `*.example.com`. Default none but the hosts that the code names. */
  allow?: readonly string[]
  /** Name in the report. Default: the file's name. */
  name?: string
  /** `per-user` (default): a user has connections of its own, as a browser has. `shared`: all users of a worker share a pool. */
  connections?: 'per-user' | 'shared'
  /** Sees every finished request, in the worker that sent it. */
  onRequest?: (request: FinishedRequest) => void
  /** Once before the first user starts, in one place; the JSON it returns is every user's `this.data`. At most 60 s. */
  beforeRun?: (run: RunContext) => unknown
  /** Once after the last user ended. At most 60 s. */
  afterRun?: (run: RunContext) => unknown
}

export interface RunContext {
  readonly run: string
  readonly host: string
  readonly vars: Readonly<Record<string, string>>
  /** In `afterRun`: what `beforeRun` returned. */
  readonly data?: unknown
}

export interface FinishedRequest {
  readonly method: string
  readonly name: string
  readonly url: string
  /** 0: no response. */
  readonly status: number
  readonly ok: boolean
  /** Request written → last byte; 0 if it was never written. */
  readonly latencyMs: number
  /** Why it failed; null if it did not. */
  readonly error: string | null
  readonly user: number
}

/** The default export of a scenario file. Frozen plain data. */
export type Scenario = Readonly<ScenarioOptions> & { readonly [marks.scenario]: true }

/** What is to be run: who, against what, how much, and what counts as good. */
export function scenario(options: ScenarioOptions): Scenario {
  return Object.freeze({ ...options, [marks.scenario]: true as const })
}
