import type { Duration, DurationText } from '../duration.ts'
import type { Stage } from './load-stages.ts'
import { readable } from './describing/readable.ts'
import { marks } from './runtime.ts'
import type { HttpUser } from './http-user.ts'
import type { RunEvent } from './run-event.ts'
import type { Http2, TlsOptions } from './requests/tls.ts'

type Aggregate = `p${number}` | 'avg' | 'min' | 'max'
type Comparison = '<' | '<=' | '>' | '>='
type Rule =
  | `${Aggregate} ${Comparison} ${DurationText}`
  | `errors ${Comparison} ${number}%`
  | `rps ${Comparison} ${number}`
/**
 * A limit for the run. A threshold without a prefix applies to all requests. A prefix restricts the threshold to a request (its name, with or without
 * the method), to a tag (`tag:` and its name) or to a check (`check:` and its name; only with `errors`). For a threshold without a tag or a check,
 * burst looks first for requests that match, then for recorded samples, then for steps. The threshold applies to the first kind that burst finds. If
 * there is nothing to measure, the threshold fails. `errors` is the percentage of failed requests, and `rps` is the number of requests per second.
 * With the prefix `intent`, latencies are measured from the moment at which the user was due to send the request. Examples: `'POST /cart: p99 < 1s'`,
 * `'tag:checkout: errors < 1%'`, `'check:has price: errors < 0.1%'`, `'intent: p95 < 2s'`.
 */
export type Threshold = Rule | `${string}: ${Rule}`

/** Settings of a search for the highest load at which thresholds hold. */
export interface Find {
  /** The highest load that the search tries: users (a whole number), or arrivals per second if `load` has arrivals. Above 0, at most 10,000,000. */
  max: number
  /** The first load, at most `max`. Default: a sixteenth of `max`, rounded up if the load is a number of users. */
  start?: number
  /** The time for which each load is measured: 10 s to 1 h, rounded up to whole windows of 5 s. Default `'1m'`. */
  step?: Duration
  /** The thresholds of the search, 1 to 20. A load passes if all of them hold over the whole step. Default: the `thresholds` of the scenario. */
  until?: readonly Threshold[]
  /**
   * The required precision, 1 % to 50 %. The search ends when the lowest load that broke a threshold is at most this percentage above the highest
   * load that broke no threshold. Default `'5%'`.
   */
  precision?: `${number}%`
}

/**
 * A rule that stops the run when the requests of the most recent time span break `threshold`. `over` is the length of the time span. burst judges the
 * rule only when the load has been above 0 for the whole time span. A time span without a measurement can break a threshold on `rps`, but no other
 * threshold.
 */
export interface AbortOn {
  threshold: Threshold
  /** The length of the time span, rounded up to whole windows of 5 s. At least 5 s, at most 10 min, and not longer than the run. */
  over: Duration
}

/**
 * Returns the number of users at a moment of the run; `elapsedSeconds` is the time since the start. If the function returns null, the run ends at
 * this moment. burst calls the function during planning, once for each second of the run, at most for 24 h. Between two seconds, the number of users
 * changes linearly. If the function does not return null within 24 h, the last number of users stays until the run is stopped.
 */
export type Shape = (elapsedSeconds: number) => number | null

export interface ScenarioOptions {
  /**
   * The URL of the service under load, e.g. `https://shop.example.com`. If the URL has a path, the path is added before every route that is not
   * itself a URL. `-H` replaces the URL. Without a host in the scenario and without `-H`, the run ends with exit code 104.
   */
  host?: string | undefined
  /** The user classes. The static fields `weight` and `count` of a class determine how many users the class has. */
  users: readonly (new () => HttpUser)[]
  /** The load: stages in order, or a function of time. Default: 1 user until `-t` or Ctrl-C. On AWS, a load without an end requires `-t`. */
  load?: readonly Stage[] | Shape
  /**
   * burst judges all thresholds at the end of the run. When a threshold fails, the run fails with exit code 99. At the end of a search, burst does
   * not judge these thresholds. During the search, burst judges `until` in each step. Default: none.
   */
  thresholds?: readonly Threshold[]
  /**
   * Rules that stop the run early. burst judges each rule repeatedly over a sliding time span. The first rule that fails stops the run gracefully,
   * with exit code 99. A run has at most 10 rules, including the rules of `--abort-on`. Default: none.
   */
  abortOn?: readonly AbortOn[]
  /**
   * The settings of the search that `burst find` performs. `burst run` performs the same search if neither the scenario nor the command line
   * determines the load.
   */
  find?: Find
  /**
   * The highest cost of the run on AWS, in US dollars, e.g. `'$5'`. If the estimated cost is higher, the run does not start (exit code 104). The flag
   * `--budget` takes precedence. Default: no limit.
   */
  budget?: `$${number}`
  /**
   * Additional hosts to which redirects may lead, e.g. `cdn.example.com`, `*.example.com`. Redirects may always lead to the run's host, to the host
   * that sent the redirect, and to hosts to which the scenario's code has sent a request. Default: no additional hosts.
   */
  allow?: readonly string[]
  /** The name of the run in the report. The flag `--name` takes precedence. Default: the name of the scenario file without its extension. */
  name?: string
  /** `per-user` (default): each user has its own connections, as a browser does. `shared`: all users of a worker share a pool. */
  connections?: 'per-user' | 'shared'
  /** Trusted certificate authorities, a client certificate, and other TLS settings. Default: Node's settings. */
  tls?: TlsOptions
  /**
   * `'auto'`: a target with `https://` chooses between HTTP/2 and HTTP/1.1 (ALPN); a target with `http://` gets HTTP/1.1. `true`: HTTP/2 only, also
   * with `http://`; a request fails if its target does not speak HTTP/2. With HTTP/2, each user has one connection per target, except with
   * `connections: 'shared'`. Default `false`: HTTP/1.1. `static http2` of a class takes precedence.
   */
  http2?: Http2
  /**
   * The HTTP proxy for all targets, e.g. `http://proxy.example.com:3128`. `except`: hosts that burst reaches without the proxy, as in `NO_PROXY`. The
   * flag `--proxy` takes precedence. Default: none.
   */
  proxy?: string | { url: string; except?: readonly string[] }
  /**
   * The local IP address that burst uses as the source of connections. Only with `--local`; on AWS, planning ends with exit code 104. Default: the
   * system chooses.
   */
  localAddress?: string
  /**
   * The addresses of a host that burst uses: only IPv4, only IPv6, or both with one kind first. On AWS, planning with `'ipv6'` ends with exit code
   * 104. Default: all addresses, in the order of the DNS answer.
   */
  addressFamily?: 'ipv4' | 'ipv6' | 'ipv4-first' | 'ipv6-first'
  /** The time for which a DNS answer is used: the whole run, one connection, or a duration. Default `'30s'`. */
  dns?: 'once' | 'per-connection' | Duration
  /**
   * Called with every finished request, in the worker that sent the request. The opening of a WebSocket connection and a message that `expect` awaits
   * are also requests. Not called for a request that burst cut off because the user had to stop. If the function throws, the error counts as an
   * exception.
   */
  onRequest?: (request: FinishedRequest) => void
  /**
   * Called with each event of the run. `userStart`, `userStop`, `failure` and `exception` occur in the worker that runs the user. The other events
   * occur once for the whole run. `runStart` occurs immediately before `beforeRun`, in the same thread. `runStop` occurs immediately after
   * `afterRun`, in the same thread. Each `windowClosed` (every 5 s) occurs in a new thread. Different threads do not share variables. Time limit of a
   * `windowClosed` event: 10 s.
   */
  onEvent?: (event: RunEvent) => unknown
  /**
   * Runs once per run, before the first user starts. The result must be JSON of at most 16 MB; every user receives the result as `this.data`. Time
   * limit: 60 s, including `onEvent` with `runStart`. If the function throws or takes too long, or if the result is not valid, the run ends with exit
   * code 107.
   */
  beforeRun?: (run: RunContext) => unknown
  /**
   * Runs once per run, after the last user has ended. Does not run if `beforeRun` failed. Time limit: 60 s, including `onEvent` with `runStop`. If
   * the function throws or takes too long, the run fails with exit code 107.
   */
  afterRun?: (run: RunContext) => unknown
}

export interface RunContext {
  /** The name of the run, e.g. `20261121-104411-shop-7f3a`. */
  readonly run: string
  /** The URL of the service under load, without a user name and password. */
  readonly host: string
  /** The variables from `--var k=v` on the command line. */
  readonly vars: Readonly<Record<string, string>>
  /** The result of `beforeRun`; only set in `afterRun`. */
  readonly data?: unknown
}

export interface FinishedRequest {
  /** The method in upper case; `WS` for the opening of a WebSocket connection and for an awaited message. */
  readonly method: string
  /** The name of the request in the statistics, without the method. */
  readonly name: string
  /** The URL of the request; after redirects, the URL to which the last redirect led. */
  readonly url: string
  /** The HTTP status; 0 if there was no response. */
  readonly status: number
  /** `true` if the request did not fail. Unlike `ok` of a `Response`, this value takes the expectations and extractions into account. */
  readonly ok: boolean
  /**
   * The time in milliseconds from writing the request to the last byte of the response (with `sse`, to the first byte); 0 if the request was never
   * written.
   */
  readonly latencyMs: number
  /** The reason why the request failed; null if it succeeded. */
  readonly error: string | null
  /** The index of the user. */
  readonly user: number
}

/** The default export of a scenario file: the frozen options. */
export type Scenario = Readonly<ScenarioOptions> & { readonly [marks.scenario]: true }

/**
 * Declares a scenario: its users, its target, its load and its thresholds. burst checks the options when it loads the file.
 * @throws BurstError (104) when an option is a getter that throws
 */
export function scenario(options: ScenarioOptions): Scenario {
  return Object.freeze({
    ...readable('an option of scenario()', () => ({ ...options })),
    [marks.scenario]: true as const,
  })
}
