import { performance } from '../../../guard/built-ins.ts'
import { taskOf } from '../../../../core/authoring/tasks.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { PlannedTask } from '../../../../core/plan/plan.ts'
import { countThrown } from './count-thrown.ts'
import { sourceOf } from './context.ts'
import { isCutOff, isUserLeft } from '../http/failure.ts'
import { Grace } from '../scheduling/grace.ts'
import { makeInstance } from './instance.ts'
import { Runtime } from './runtime.ts'
import { areForgotten, awaySince, settleUnfinished } from './calls/unfinished-calls.ts'
import { pauseAfter } from '../scheduling/pace.ts'

/** The outcome of an iteration. */
type Outcome = 'passed' | 'failed' | 'cut off'

/** If a user must not send requests, it checks at this interval, in milliseconds, whether it may send requests again. */
const heldBackMs = 100
/** The pause after an exception, in milliseconds. Without this pause, a task that throws immediately would use all CPU time. */
const pauseAfterExceptionMs = 100

/** One life of one user: from the beginning of `onStart` until the user has ended. */
export class SimulatedUser extends Runtime {
  /** The number of failed tries of `onStart`. */
  tries = 0
  /** The minimum length of the next pause, in milliseconds. It is above 0 after an exception and after an iteration without requests. */
  #leastPauseMs = 0

  /**
   * Creates the instance and runs `onStart`. If `onStart` fails, it is tried again, until it has run `tries` times in total.
   * @returns whether `onStart` has succeeded and the user may continue
   */
  async start(plannedMs: number, tries = Number.POSITIVE_INFINITY): Promise<boolean> {
    if (this.tries === 0) this.pace.begin(plannedMs)
    if (this.context.gate.isShut(this, plannedMs)) await this.context.gate.pass(this, plannedMs)
    for (let attempt = this.tries; this.#mayTry && attempt < tries; attempt++) {
      if (await this.#tryStart(attempt)) return true
      if (attempt + 1 < tries) await this.#waitToTryAgain(attempt)
    }
    return false
  }

  /** `true` if `onStart` has failed and has not succeeded yet. */
  get failing(): boolean {
    return this.tries > 0 && !this.started
  }

  async #waitToTryAgain(attempt: number): Promise<void> {
    if (this.stopping) return
    await this.rest.for(this.planPause(this.draws.retryMs(attempt)))
    await this.context.gate.pass(this)
  }

  get #mayTry(): boolean {
    return !this.stopping && !this.rest.departing
  }

  /**
   * Runs one iteration of the task `named`, or of a task that is drawn by weight. Never rejects.
   * @returns false if the iteration does not count, because burst ended it although the user continues
   */
  async iterate(named?: PlannedTask): Promise<boolean> {
    const task = this.#turnTo(named)
    const { source } = this
    const beginMs = this.pace.goAway(performance.now())
    let outcome: Outcome = 'passed'
    try {
      await taskOf(this.instance as HttpUser, task.name)?.call(this.instance as HttpUser)
      if (this.inFlight.size > 0 || this.unused.any) await this.#settleInFlight(task)
    } catch (thrown) {
      outcome = await this.#taskThrew(thrown)
    }
    this.pace.awayMs = Number.POSITIVE_INFINITY
    if (outcome !== 'cut off') {
      const nowMs = performance.now()
      this.context.recorder.iteration(source.task, outcome === 'failed', nowMs - beginMs, nowMs)
    }
    if (this.requestsInIteration === 0) this.#leastPauseMs = Math.max(1, this.#leastPauseMs)
    return outcome !== 'cut off' || !this.cutShort
  }

  /** Returns whether burst has ended the current iteration, or the current try of `onStart`, although the user continues. */
  #isCutShort(thrown: unknown): boolean {
    return this.cutShort && isCutOff(thrown)
  }

  /** Waits until the user may send requests again or must end. Called after an iteration that burst ended. */
  async untilMaySend(): Promise<void> {
    while (this.cutShort && this.#mayTry && this.context.refusal(performance.now()) !== undefined)
      await this.rest.for(heldBackMs)
  }

  #turnTo(named: PlannedTask | undefined): PlannedTask {
    this.draws.turnTo(++this.iterations)
    const task = named ?? this.draws.task(this.userClass.tasks, this.iterations)
    this.context.trace?.({ kind: 'task', user: this.index, iteration: this.iterations, task: task.name })
    this.source = sourceOf(this.userClass, task)
    this.requestsInIteration = 0
    this.cutShort = false
    this.unused.clear()
    return task
  }

  /** Pauses between two iterations. Returns undefined if the user does not pause. Never throws or rejects. */
  waitBetween(): Promise<void> | undefined {
    try {
      return this.#wait()
    } catch (thrown) {
      return this.#thrown(thrown) ? this.rest.for(this.planPause(pauseAfterExceptionMs)) : undefined
    }
  }

  #wait(): Promise<void> | undefined {
    const leastMs = this.#leastPauseMs
    this.#leastPauseMs = 0
    if (this.stopping) return undefined
    const draw = (): number => this.draws.first('wait', this.iterations)
    const { ms, planned, missed } = pauseAfter(this.instance?.wait, leastMs, {
      pace: this.pace,
      draw,
      user: this.instance,
      className: this.userClass.name,
    })
    if (missed > 0) this.context.recorder.missed(missed)
    if (planned) this.planPause(ms)
    return planned || ms > 0 ? this.rest.for(ms) : undefined
  }

  /**
   * Asks the user to stop. Pauses end immediately. The pending requests and `onStop` together may take `graceMs`; `hurry` can shorten this time.
   * After this time, burst ends the user. Resolves when the user has ended and all its requests have been counted.
   */
  async stop(graceMs: number, life: Promise<void>): Promise<void> {
    this.grace = new Grace(graceMs)
    const [awayMs, away] = [this.pace.awayMs, this.astray && awaySince(this.pace.awayMs, this.inFlight)]
    this.pauses.endAll()
    this.endStreams()
    await this.grace.given(life)
    if (away && awayMs === this.pace.awayMs && !this.ended)
      this.context.recorder.hung(this.source.task, away, !this.failing)
    if (!this.ended) this.#noteCutOff()
    this.end()
    await settleUnfinished(this.inFlight)
  }

  /** Counts a notice that `onStop` did not finish in time. Does nothing if `onStop` did not have to run. */
  #noteCutOff(): void {
    if (!this.started || this.skipsOnStop || !this.instance?.onStop) return
    this.context.notice(
      `onStop of a user of class ${this.userClass.name} did not finish before burst had to end the user`,
    )
  }

  /** Stops the user at a point where it can be handed over: immediately if it is between two iterations, otherwise after its iteration. */
  depart(): void {
    this.rest.depart()
    this.endReading()
  }

  /** If the user was asked to stop, limits its remaining time to `graceMs`. */
  hurry(graceMs: number): void {
    if (!this.ended) this.grace?.limit(graceMs)
  }

  /** Runs `onStop` if the user has started and `onStop` is not skipped. Then ends the user in any case. */
  async leave(): Promise<void> {
    this.source = sourceOf(this.userClass, null)
    if (this.started && !this.skipsOnStop) await this.#runOnStop()
    await this.#settleInFlight()
    this.end()
  }

  /** Runs `onStop`. Never rejects, even if `onStop` is a getter that throws. */
  async #runOnStop(): Promise<void> {
    this.inOnStop = true
    try {
      if (this.instance?.onStop) {
        this.showHook('onStop')
        await this.instance.onStop()
        await this.#settleInFlight()
      }
    } catch (thrown) {
      this.#thrown(thrown)
    }
    this.inOnStop = false
  }

  async #tryStart(attempt: number): Promise<boolean> {
    this.draws.turnTo(0, attempt)
    this.draws.forgetRows()
    this.cutShort = false
    try {
      this.instance ??= makeInstance(this, this.userClass)
      if (this.instance.onStart) this.showHook('onStart')
      await this.instance.onStart?.()
      await this.#settleInFlight()
      this.started = true
      this.context.failing.remove(this)
    } catch (thrown) {
      // A user that calls this.stop() in onStart counts as started.
      if (isUserLeft(thrown)) this.started = true
      if (!this.stopping && !this.#isCutShort(thrown)) this.#startFailed()
      this.#thrown(thrown)
      this.tries++
      return false
    }
    return true
  }

  #startFailed(): void {
    this.context.recorder.countUsers('failedToStart')
    if (!this.started) this.context.failing.add(this)
  }

  async #taskThrew(thrown: unknown): Promise<Outcome> {
    if (this.#thrown(thrown)) this.#leastPauseMs = pauseAfterExceptionMs
    await this.#settleInFlight()
    if (isUserLeft(thrown)) return 'passed'
    return isCutOff(thrown) ? 'cut off' : 'failed'
  }

  /** Awaits the requests that the user's code did not await. If `task` is given and this task does not await all its requests, counts a notice. */
  async #settleInFlight(task?: PlannedTask): Promise<void> {
    if (task && (areForgotten(this.inFlight) || this.unused.any))
      this.context.notice(`task ${task.name} of ${this.userClass.name} does not await all its requests`)
    if (this.inFlight.size === 0) return
    this.endStreams(true)
    await Promise.allSettled(this.inFlight)
  }

  #thrown(thrown: unknown): boolean {
    return !this.ended && countThrown(this.context, this, thrown)
  }

  /**
   * Ends the user. The user can send no further requests, and its connections, cookies and pauses are released. `handedOver` is true if another
   * worker takes the user over.
   */
  end(handedOver = false): void {
    if (this.ended) return
    this.ended = true
    const { index, userClass, iterations, context } = this
    if (this.started && !handedOver) {
      context.events?.tell({ type: 'userStop', user: index, class: userClass.name, iterations }, this)
    }
    for (const call of this.inFlight) call.interrupt()
    this.requests.close()
    this.context.gate.leaves(this)
    this.context.failing.remove(this)
    this.pauses.endAll()
    this.cookies.clear()
    if (this.connections !== this.context.sharedConnections) this.connections.close()
  }
}
