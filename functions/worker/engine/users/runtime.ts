import { performance } from '../../../guard/built-ins.ts'
import type { RecordedSample, UserRuntime } from '../../../../core/authoring/runtime.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { TlsOptions } from '../../../../core/authoring/requests/tls.ts'
import type { Random } from '../../../../core/random.ts'
import type { Call } from '../http/call.ts'
import type { WebSocketConnection } from '../../../../core/authoring/requests/web-socket.ts'
import type { CallPlan } from '../http/chain.ts'
import type { Connections } from '../http/connection/connections.ts'
import { connectionsOf } from '../http/http2/connections-of.ts'
import { Cookies } from '../http/cookies.ts'
import { Draws } from './draws.ts'
import {
  type EngineContext,
  type InFlight,
  type LoadedClass,
  type RunningUser,
  type UserRequests,
  sourceOf,
} from './context.ts'
import { CutOff, UserLeft } from '../http/failure.ts'
import type { Grace } from '../scheduling/grace.ts'
import { UserHttp } from '../http/sending/http-client.ts'
import { addTraceContext } from '../http/sending/trace-context.ts'
import { Pace } from '../scheduling/pace.ts'
import { Pauses } from '../scheduling/pauses.ts'
import { Rest } from '../scheduling/rest.ts'
import { recordSample, timeStep } from '../counting/recorded-samples.ts'
import { AwaitedByUser } from './calls/in-flight.ts'
import { UnusedCalls } from './calls/unused-calls.ts'

/**
 * The part of a user that the scenario's code uses: the HTTP client, the random streams and the waits. `SimulatedUser` adds the part that the
 * executors use: the life of the user.
 */
export abstract class Runtime implements UserRuntime, RunningUser {
  readonly index: number
  readonly life: number
  readonly userClass: LoadedClass
  readonly http: UserHttp
  readonly random: Random
  readonly dataRandom: Random
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  readonly inFlight = new AwaitedByUser<InFlight>()
  readonly unused = new UnusedCalls()
  readonly pace = new Pace()
  readonly cookies: Cookies
  readonly draws: Draws
  readonly rest: Rest
  ended = false
  /** `true` if `onStart` has succeeded, or if the user called `this.stop()` in `onStart`. */
  started = false
  iterations = 0
  calls = 0
  source: RunningUser['source']
  instance: HttpUser | undefined

  protected readonly context: EngineContext
  protected readonly connections: Connections
  protected readonly pauses: Pauses
  /** The time within which the user must end; undefined until the user is asked to stop. */
  protected grace: Grace | undefined
  protected inOnStop = false
  /** `true` if `onStop` must be skipped when the life ends. If `onStop` is already running, it can send no further requests. */
  skipsOnStop = false
  protected requestsInIteration = 0
  /**
   * `true` if burst has ended the current iteration or the current try of `onStart`, although the user continues. There are three possible reasons:
   * the user must not send requests, the run is paused, or another worker takes the user over.
   */
  protected cutShort = false
  protected readonly requests: UserRequests
  /** `true` if the user has called `this.stop()`. */
  #left = false
  /** Functions that end the pauses in loops that read events. */
  readonly #readingPauses = new Set<() => void>()

  constructor(context: EngineContext, index: number, life: number, userClass: LoadedClass) {
    this.context = context
    this.index = index
    this.life = life
    this.userClass = userClass
    this.source = sourceOf(userClass, null)
    this.draws = new Draws(context.seed, index, life)
    this.pauses = new Pauses(context.ready, (lagMs) => {
      this.pace.resumed(lagMs, performance.now())
      context.recorder.userLag(lagMs)
    })
    this.rest = new Rest(this.pauses, () => this.silent)
    this.random = this.draws.random
    this.dataRandom = this.draws.dataRandom
    this.data = context.data
    this.vars = context.vars
    this.cookies = new Cookies(context.cookieBudget)
    this.connections = context.sharedConnections ?? connectionsOf(context.maker, userClass.http2)
    this.http = new UserHttp(
      context.routes,
      (plan) => this.#send(plan),
      (tls) => this.#secure(tls),
      {
        ready: context.ready,
        reader: this,
        record: (sample) => this.record(sample),
        heard: (atMs, waited) => this.heard(atMs, waited),
      },
    )
    this.requests = context.callsOf(this, this.cookies, this.connections)
  }

  /** `true` if the user was asked to stop, or called `this.stop()`. */
  get stopping(): boolean {
    return this.#left || this.grace !== undefined
  }

  /** `true` if the user may send no more requests. */
  get silent(): boolean {
    return this.ended || (this.stopping && (this.skipsOnStop || !this.inOnStop))
  }

  /** `true` if the user must not begin another iteration, because the run is paused or the worker hands the user over. */
  get comesToRest(): boolean {
    if (!this.started || this.inOnStop) return false
    return this.rest.departing || this.context.gate.isShut(this)
  }

  mayRead(): void {
    if (!this.comesToRest) return
    this.cutShort = true
    throw new CutOff('the run is paused, or the user moves to another worker')
  }

  /** Ends the loops that read events or messages if the user must end its iteration. Otherwise, such loops could last as long as the run. */
  endReading(): void {
    if (!this.comesToRest) return
    this.cutShort = true
    for (const release of this.#readingPauses) release()
    this.endStreams()
    this.requests.endReading()
  }

  /** `true` if the user awaits something other than a response or a pause. */
  get astray(): boolean {
    return !this.pauses.pending && ![...this.inFlight].some((call) => !call.over)
  }

  async ws(url: unknown, options?: object): Promise<WebSocketConnection> {
    if (this.silent) throw new CutOff()
    const sockets = await this.requests.sockets()
    return sockets.open(url, options)
  }

  prepareSocket(url: unknown, options: object | undefined): CallPlan {
    const plan = this.http.openingPlan(url, options)
    this.#ready(plan)
    return plan
  }

  acts(): void {
    if (this.silent) throw new CutOff()
    this.#checkMaySend(performance.now())
    this.requestsInIteration++
  }

  hold(): { ended: Promise<void>; release: () => void } {
    return this.pauses.hold(this.silent)
  }

  heard(atMs: number, waited: boolean): void {
    const lagMs = waited ? Math.max(0, performance.now() - atMs) : 0
    this.pace.responseEnded(atMs, lagMs)
    if (waited) this.context.recorder.userLag(lagMs)
  }

  /** `true` if the user has a WebSocket connection or is opening one. Another worker cannot take over such a connection. */
  get hasSockets(): boolean {
    return this.requests.hasSockets
  }

  sleep(ms: number): Promise<void> {
    if (this.silent) throw new CutOff()
    this.planPause(ms)
    return this.pauses.pause(ms, false).then(() => {
      if (this.silent) throw new CutOff()
    })
  }

  async pauseReading(ms: number): Promise<void> {
    if (this.silent) throw new CutOff()
    this.mayRead()
    this.planPause(ms)
    const dueMs = performance.now() + ms
    const { ended, release } = this.pauses.begin(ms, false)
    this.#readingPauses.add(release)
    await ended
    this.#readingPauses.delete(release)
    if (this.silent) throw new CutOff()
    this.pace.planPause(Math.min(0, performance.now() - dueMs))
    this.mayRead()
  }

  step<T>(name: string, body: () => Promise<T>): Promise<T> {
    return timeStep(this.context.recorder, name, body)
  }

  record(sample: RecordedSample): void {
    recordSample(this.context.recorder, sample)
  }

  leaveNow(): never {
    if (!this.stopping) {
      this.#left = true
      this.showHook('stop')
      this.pauses.endAll()
      this.endStreams()
      this.context.leaveEarly(this, false)
    }
    throw new UserLeft()
  }

  draw(feed: object): number {
    return this.draws.nextRow(feed)
  }

  rank(classes: readonly string[]): { rank: number; of: number } {
    return this.draws.arrivalRank ?? this.context.rank(this.index, classes)
  }

  protected showHook(hook: 'onStart' | 'onStop' | 'stop'): void {
    this.context.trace?.({ kind: 'hook', user: this.index, hook })
  }

  /** Ends the streams of events. With `all`, also ends all other streams, because the task that read the streams has ended. */
  protected endStreams(all = false): void {
    for (const call of this.inFlight) call.endStream?.(all)
  }

  protected planPause(ms: number): number {
    this.pace.planPause(ms)
    this.context.trace?.({ kind: 'pause', user: this.index, iteration: this.iterations, ms })
    return ms
  }

  #secure(tls: TlsOptions | undefined): void {
    const { sharedConnections, maker } = this.context
    if (sharedConnections) {
      throw new TypeError(
        "this.http.tls cannot be set for users that share connections; remove connections: 'shared' from the scenario",
      )
    }
    this.connections.secure(maker.securities.of(tls ?? {}))
  }

  /** @throws CutOff when the users of the worker must not send requests */
  #checkMaySend(nowMs: number): void {
    const why = this.context.refusal(nowMs)
    if (why === undefined) return
    this.cutShort = true
    this.context.notice(`requests were held back, because ${why}`)
    throw new CutOff(why)
  }

  #send(plan: CallPlan): Call {
    const nowMs = this.#ready(plan)
    return this.requests.send(plan, nowMs)
  }

  /**
   * Sets the fields of a request that depend on the state of its user.
   * @returns the current time
   * @throws CutOff when the user must not send requests
   */
  #ready(plan: CallPlan): number {
    if (this.silent) throw new CutOff()
    const nowMs = performance.now()
    this.#checkMaySend(nowMs)
    this.requestsInIteration++
    const { outgoing } = plan
    if (this.userClass.closes) outgoing.close ??= true
    outgoing.headers = this.cookies.addTo(outgoing.headers, plan.url)
    const { intentMs, lagBeforeMs, pacedLossMs } = this.pace.takeIntent()
    plan.intentMs = intentMs
    plan.lagBeforeMs = lagBeforeMs
    plan.pacedLossMs = pacedLossMs
    plan.number = ++this.calls
    if (this.context.traceContext) {
      const { index, life } = this
      addTraceContext(outgoing, this.context.seed, [index, life, plan.number])
    }
    return nowMs
  }
}
