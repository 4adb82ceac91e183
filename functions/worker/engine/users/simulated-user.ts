import { performance } from '../../../guard/built-ins.ts'
import type { RecordedSample, UserRuntime } from '../../../../core/authoring/runtime.ts'
import { taskOf } from '../../../../core/authoring/tasks.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { PlannedTask } from '../../../../core/plan/plan.ts'
import type { Random } from '../../../../core/random.ts'
import { Call } from '../http/call.ts'
import { Connections, connectionsPerUser } from '../http/connection/connections.ts'
import { Cookies } from '../http/cookies.ts'
import { countThrown } from './count-thrown.ts'
import { Draws } from './draws.ts'
import { type EngineContext, type LoadedClass, type RunningUser, sourceOf } from './context.ts'
import { CutOff, UserLeft, isCutOff, isUserLeft } from '../http/failure.ts'
import { Grace } from '../scheduling/grace.ts'
import { type Prepared, UserHttp } from '../http/sending/http-client.ts'
import { makeInstance } from './instance.ts'
import { areForgotten, awaySince, settleUnfinished } from './unfinished-calls.ts'
import { Pace, pauseAfter } from '../scheduling/pace.ts'
import { Pauses } from '../scheduling/pauses.ts'
import { Rest } from '../scheduling/rest.ts'
import { recordSample, timeStep } from '../counting/recorded-samples.ts'
import { UnusedCalls } from './unused-calls.ts'

/** A task that throws at once would otherwise spin. */
const pauseAfterExceptionMs = 100

/**
 * One life of one user, from the start of `onStart` until it was asked to stop and has ended. It is the runtime of the scenario's
 * instance: its client, its random streams, its waits.
 */
export class SimulatedUser implements UserRuntime {
  readonly index: number
  readonly life: number
  readonly userClass: LoadedClass
  readonly http: UserHttp
  readonly random: Random
  readonly dataRandom: Random
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  readonly inFlight = new Set<Call>()
  readonly unused = new UnusedCalls()
  readonly pace = new Pace()
  ended = false
  /** `onStart` has passed. */
  started = false
  iterations = 0
  source: RunningUser['source']

  readonly #context: EngineContext
  readonly cookies: Cookies
  readonly #connections: Connections
  readonly #pauses: Pauses
  readonly draws: Draws
  instance: HttpUser | undefined
  /** Since it was asked to stop. */
  #grace: Grace | undefined
  #inOnStop = false
  /** It called `this.stop()`. */
  #left = false
  #requestsInIteration = 0
  /** The next pause is at least so long: something was thrown, or nothing was sent. */
  #leastPauseMs = 0
  calls = 0
  /** Tries of `onStart` that have failed. */
  tries = 0
  readonly rest: Rest

  // oxlint-disable-next-line max-params -- identity (index, life, class) and where it lives
  constructor(context: EngineContext, index: number, life: number, userClass: LoadedClass) {
    this.#context = context
    this.index = index
    this.life = life
    this.userClass = userClass
    this.source = sourceOf(userClass, null)
    this.draws = new Draws(context.seed, index, life)
    this.#pauses = new Pauses(context.ready, (lagMs) => {
      this.pace.resumed(lagMs, performance.now())
      context.recorder.userLag(lagMs)
    })
    this.rest = new Rest(this.#pauses, () => this.silent)
    this.random = this.draws.random
    this.dataRandom = this.draws.dataRandom
    this.data = context.data
    this.vars = context.vars
    this.cookies = new Cookies(context.cookieBudget)
    this.#connections = context.sharedConnections ?? new Connections(context.maker, connectionsPerUser)
    this.http = new UserHttp(context.routes, (prepared) => this.#send(prepared))
  }

  // ---- the life, as the spawner and the arrivals drive it

  /** Makes the instance and runs `onStart`, again and again (or `tries` times) if it fails. @returns whether the user may go on */
  async start(plannedMs: number, tries = Number.POSITIVE_INFINITY): Promise<boolean> {
    if (this.tries === 0) this.pace.begin(plannedMs)
    for (let attempt = this.tries; this.#mayTry && attempt < tries; attempt++) {
      this.draws.turnTo(0, attempt)
      this.draws.forgetRows()
      if (await this.#tryStart()) {
        this.started = true
        return true
      }
      this.tries++
      if (this.stopping || attempt + 1 >= tries) break
      await this.rest.for(this.#planPause(this.draws.retryMs(attempt)))
    }
    return false
  }

  get #mayTry(): boolean {
    return !this.stopping && !this.rest.departing
  }

  /** Runs one iteration of a task drawn by weight, or of the one that is named. Never rejects. */
  async iterate(named?: PlannedTask): Promise<void> {
    this.draws.turnTo(++this.iterations)
    const task = named ?? this.draws.task(this.userClass.tasks, this.iterations)
    this.#context.trace?.({ kind: 'task', user: this.index, iteration: this.iterations, task: task.name })
    const source = (this.source = sourceOf(this.userClass, task))
    this.#requestsInIteration = 0
    this.unused.clear()
    const beginMs = this.pace.goAway(performance.now())
    const outcome = await this.#runTask(task)
    this.pace.awayMs = Number.POSITIVE_INFINITY
    if (outcome !== 'cut off')
      this.#context.recorder.iteration(source.task, outcome === 'failed', performance.now() - beginMs)
    if (this.#requestsInIteration === 0) this.#leastPauseMs = Math.max(1, this.#leastPauseMs)
  }

  /** The pause between two iterations. Never rejects. */
  async waitBetween(): Promise<void> {
    try {
      await this.#wait()
    } catch (thrown) {
      if (this.#thrown(thrown)) await this.rest.for(this.#planPause(pauseAfterExceptionMs))
    }
  }

  async #wait(): Promise<void> {
    const leastMs = this.#leastPauseMs
    this.#leastPauseMs = 0
    if (this.stopping) return
    const draw = (): number => this.draws.stream('wait', this.iterations).next()
    const { ms, planned, missed } = pauseAfter(this.instance?.wait, leastMs, { pace: this.pace, draw })
    if (missed > 0) this.#context.recorder.missed(missed)
    if (planned) this.#planPause(ms)
    if (planned || ms > 0) await this.rest.for(ms)
  }

  /** It was asked to stop, or wants to. */
  get stopping(): boolean {
    return this.#left || this.#grace !== undefined
  }

  /** It sends nothing any more. */
  get silent(): boolean {
    return this.ended || (this.stopping && !this.#inOnStop)
  }

  /**
   * Asks the user to stop, once: waits end now, requests in flight get `graceMs`, `onStop` included. Resolves when the life is over, or its
   * time, and all that it sent has been counted.
   */
  async stop(graceMs: number, life: Promise<void>): Promise<void> {
    this.#grace = new Grace(graceMs)
    const [awayMs, away] = [this.pace.awayMs, this.astray && awaySince(this.pace.awayMs, this.inFlight)]
    this.#pauses.endAll()
    await this.#grace.given(life)
    if (away && awayMs === this.pace.awayMs && !this.ended) this.#context.recorder.hung(this.source.task, away)
    this.end()
    await settleUnfinished(this.inFlight)
  }

  /** Shortens the time of a user that was asked to stop before. */
  hurry(graceMs: number): void {
    if (!this.ended) this.#grace?.limit(graceMs)
  }

  /** `onStop`, if the user got as far as to start. */
  async leave(): Promise<void> {
    this.source = sourceOf(this.userClass, null)
    if (this.started && this.instance?.onStop) {
      this.#inOnStop = true
      this.#showHook('onStop')
      try {
        await this.instance.onStop()
        await this.#settleInFlight()
      } catch (thrown) {
        this.#thrown(thrown)
      }
      this.#inOnStop = false
    }
    await this.#settleInFlight()
    this.end()
  }

  // ---- UserRuntime: what the scenario's code calls

  sleep(ms: number): Promise<void> {
    if (this.silent) throw new CutOff()
    this.#planPause(ms)
    return this.#pauses.pause(ms, false).then(() => {
      if (this.silent) throw new CutOff()
    })
  }

  step<T>(name: string, body: () => Promise<T>): Promise<T> {
    return timeStep(this.#context.recorder, name, body)
  }

  record(sample: RecordedSample): void {
    recordSample(this.#context.recorder, sample)
  }

  leaveNow(): never {
    if (!this.stopping) {
      this.#left = true
      this.#showHook('stop')
      this.#pauses.endAll()
      this.#context.leaveEarly(this, false)
    }
    throw new UserLeft()
  }

  draw(feed: object): number {
    return this.draws.nextRow(feed)
  }

  rank(classes: readonly string[]): { rank: number; of: number } {
    return this.draws.arrivalRank ?? this.#context.rank(this.index, classes)
  }

  /** It waits for nothing of burst's: neither a response nor a pause. */
  get astray(): boolean {
    return !this.#pauses.pending && ![...this.inFlight].some((call) => !call.over)
  }

  // ---- inside

  #showHook(hook: 'onStart' | 'onStop' | 'stop'): void {
    this.#context.trace?.({ kind: 'hook', user: this.index, hook })
  }

  async #tryStart(): Promise<boolean> {
    try {
      this.instance ??= makeInstance(this, this.userClass)
      if (this.instance.onStart) this.#showHook('onStart')
      await this.instance.onStart?.()
      await this.#settleInFlight()
      return true
    } catch (thrown) {
      // A user that calls this.stop() in onStart counts as started.
      if (isUserLeft(thrown)) this.started = true
      if (!this.stopping) this.#context.recorder.countUsers('failedToStart')
      this.#thrown(thrown)
      return false
    }
  }

  async #runTask(task: PlannedTask): Promise<'passed' | 'failed' | 'cut off'> {
    try {
      await taskOf(this.instance as HttpUser, task.name)?.call(this.instance as HttpUser)
      await this.#settleInFlight(task)
      return 'passed'
    } catch (thrown) {
      if (this.#thrown(thrown)) this.#leastPauseMs = pauseAfterExceptionMs
      await this.#settleInFlight()
      if (isUserLeft(thrown)) return 'passed'
      return isCutOff(thrown) ? 'cut off' : 'failed'
    }
  }

  /** Requests that the task did not await are awaited for it; said once per task. */
  async #settleInFlight(task?: PlannedTask): Promise<void> {
    if (task && (areForgotten(this.inFlight) || this.unused.any))
      this.#context.notice(`task ${task.name} of ${this.userClass.name} does not await all of its requests`)
    if (this.inFlight.size > 0) await Promise.allSettled(this.inFlight)
  }

  #thrown(thrown: unknown): boolean {
    return !this.ended && countThrown(this.#context, this, thrown)
  }

  #send(prepared: Prepared): Call {
    if (this.silent) throw new CutOff()
    this.#context.assertMaySend()
    this.#requestsInIteration++
    const { origin, path, headers } = prepared.outgoing
    const cookie = headers['cookie'] === undefined ? this.cookies.headerFor(origin, path) : undefined
    if (cookie !== undefined) headers['cookie'] = cookie
    const plan = { ...prepared, ...this.pace.takeIntent(), number: ++this.calls }
    return this.#context.call(plan, this, this.cookies, this.#connections)
  }

  #planPause(ms: number): number {
    this.pace.planPause(ms)
    this.#context.trace?.({ kind: 'pause', user: this.index, iteration: this.iterations, ms })
    return ms
  }

  /** It sends nothing any more, and lets go of what it has. */
  end(): void {
    if (this.ended) return
    this.ended = true
    for (const call of this.inFlight) call.interrupt()
    this.#pauses.endAll()
    this.cookies.clear()
    if (this.#connections !== this.#context.sharedConnections) this.#connections.close()
  }
}
