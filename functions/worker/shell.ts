import type { Worker } from 'node:worker_threads'
import { fleetAt } from '../../core/fleet/fleet.ts'
import { isReplaced } from '../../core/fleet/floors.ts'
import { type RunPlan, controlReadEveryMs } from '../../core/plan/plan.ts'
import { masker } from '../../core/secrets.ts'
import type { Control } from '../../core/fleet/control.ts'
import { monotonicMs } from '../clock.ts'
import type { WorkerEvent } from '../events.ts'
import type { Environment } from '../ports.ts'
import { type EarlyStop, EngineDeadline, type WorkerState, earlyStopOf, isUnattended } from './early-stop.ts'
import { engineLimits, shareOf } from './engine-limits.ts'
import { engineLoaded, startEngine, textOf } from './engine-thread.ts'
import type { EngineTurn } from './engine/handover/inheritance.ts'
import type { EngineSetup, FromEngine, ToEngine } from './engine/protocol.ts'
import { PartWriter } from './handover-parts.ts'
import { changesIn, firstControl, readControl } from './read-control.ts'
import { Sender } from './sender.ts'
import { WorkerFiles } from './worker-files.ts'
import { TakeOver, hasMore } from './take-over.ts'

/**
 * The time, in milliseconds, within which the engine must send its counts after the shell has requested them. After this time, the shell reports that
 * user code blocks the engine. It repeats this report at the end of each reporting interval until the engine sends its counts.
 */
const blockedMs = 2_000
/** The maximum random delay between the end of a reporting interval and the report, in milliseconds. */
const mostFlushJitterMs = 500
/** The number of windows after which a worker stops its users if its messages cannot be delivered. */
const undeliveredWindows = 3

export interface ShellInput {
  event: WorkerEvent
  plan: RunPlan
  env: Environment
  bundleFile: string
  data: unknown
}

/**
 * The main thread of the worker, which communicates with the store and the queue. The users run in the engine's thread. User code that blocks or
 * never returns therefore blocks only the engine's thread. The shell can still read the control file and send reports. The shell terminates the
 * engine when the engine's time is over.
 */
export class Shell {
  readonly #input: ShellInput
  readonly #sender: Sender
  readonly #takeOver: TakeOver
  readonly #sent = new SharedArrayBuffer(4)
  /** Removes secrets from the error that ended the engine. */
  readonly #masked: (text: string) => string
  #engine: Worker | undefined
  #control: Control | undefined
  /** The load changes that the engine has received, as a string (see `changesIn`). */
  #told = ''
  #askedAtMs: number | null = null
  readonly #deadline: EngineDeadline
  #stopping = false
  #endsAtOnce = false
  #reading = false
  #engineDone = false
  #concluding = false
  /** `true` if the users of this worker have begun. */
  #watching = false
  #controlGone = false
  #pollAtMs = 0
  #parts: PartWriter | undefined
  readonly #files = new WorkerFiles()
  #failure: string | null = null
  readonly #ended = Promise.withResolvers<void>()

  constructor(input: ShellInput) {
    this.#input = input
    this.#deadline = new EngineDeadline(input.plan)
    this.#masked = masker(input.plan)
    const patienceMs = undeliveredWindows * input.plan.windowMs
    this.#sender = new Sender(input.event, input.plan, { env: input.env, patienceMs })
    this.#takeOver = new TakeOver({
      ...input,
      control: () => this.#control as Control,
      attend: () => this.#attend(),
      say: (message) => this.#say(message),
    })
  }

  /**
   * Loads the scenario, claims the slice, runs the slice, and sends the last message. Sends nothing if `claim` returns false. If this worker must not
   * run the slice, sends only an empty last message.
   * @throws BurstError (107) when the scenario cannot be loaded; BurstError (97) when the control file cannot be read, or when messages cannot be
   * queued
   */
  async run(claim: () => Promise<boolean>): Promise<void> {
    this.#control = await firstControl(this.#input.event.run, this.#input.env)
    const engine = this.#start(this.#control)
    try {
      await engineLoaded(engine, this.#masked)
      await this.#poll()
      if (!(await claim())) return
      // If the run is being stopped, the users do not begin, because the coordinator does not always wait for a worker that claims its slice after
      // the request to stop.
      const turn = this.#control?.stop ? undefined : await this.#takeOver.turn()
      if (!turn) return await this.#sayNothing()
      this.#deadline.untilMs = turn.untilMs
      this.#say({ type: 'begin', turn })
      void this.#follow(turn)
      await this.#watch()
      await this.#conclude()
    } finally {
      this.#takeOver.end()
      await engine.terminate()
    }
  }

  /**
   * Receives further users of the previous worker. As long as users may arrive, the deadline of the engine is later, because users that arrive after
   * the end of the run need time to stop.
   */
  async #follow(turn: EngineTurn): Promise<void> {
    this.#deadline.wait(turn.isStopping === true || hasMore(turn))
    await this.#takeOver.follow(turn)
    const isEnding = turn.isStopping || this.#deadline.isEnding(this.#input.env.clock.nowMs(), this.#control)
    if (!isEnding) this.#deadline.wait(false)
  }

  #start(control: Control): Worker {
    const { plan, event, env, bundleFile, data } = this.#input
    const fleet = fleetAt(plan, control)
    this.#told = changesIn(control)
    const setup: EngineSetup = {
      plan,
      fleet,
      slice: event.slice,
      attempt: event.attempt,
      bundleFile,
      data,
      anchor: { epochMs: env.clock.nowMs(), monotonicMs: monotonicMs() },
      startAt: control.startAt,
      leaseUntil: control.leaseUntil,
      allow: env.allow ?? null,
      sent: this.#sent,
      mode: 'run',
    }
    const engine = startEngine(setup, engineLimits(shareOf(setup), env))
    this.#engine = engine
    engine.on('message', (message: FromEngine) => this.#hear(message))
    engine.on('error', (error) => this.#fail(`the engine failed: ${textOf(error)}`))
    engine.on('exit', () => this.#gone())
    return engine
  }

  /** Reads the control file, requests the counts, and checks the deadline, until the engine has ended or must be ended. */
  async #watch(): Promise<void> {
    this.#watching = true
    const { clock } = this.#input.env
    const jitterMs = mostFlushJitterMs * Math.random()
    let flushed = this.#intervalAt(clock.nowMs() - jitterMs)
    while (!this.#engineDone && !this.#failure) {
      const nowMs = clock.nowMs()
      this.#pollInTime(nowMs)
      this.#heed(nowMs)
      // The worker reports each interval after the end of the interval. A random delay keeps the workers from sending at the same time.
      const interval = this.#intervalAt(nowMs - jitterMs)
      if (interval !== flushed) {
        if (interval > 0) this.#flush(nowMs)
        flushed = interval
      }
      if (nowMs > this.#deadline.at(this.#control)) return
      await Promise.race([clock.sleep(Math.max(10, Math.min(100, this.#pollAtMs - nowMs))), this.#ended.promise])
    }
  }

  #pollInTime(nowMs: number): void {
    if (nowMs < this.#pollAtMs || this.#reading) return
    // The shell does not await the read: even if the store hangs, the shell must report in time and notice the end of the lease.
    void this.#poll()
    // The delay is random, so that a thousand workers do not read at the same time.
    const everyMs = controlReadEveryMs(this.#input.plan.timing, nowMs >= (this.#control?.startAt ?? Infinity))
    this.#pollAtMs = nowMs + everyMs * (0.9 + 0.2 * Math.random())
  }

  /**
   * Reads the control file if a read is due. Called while the worker waits for its turn. Returns false if the worker must not begin, even if the
   * previous worker hands users over.
   */
  async #attend(): Promise<boolean> {
    const nowMs = this.#input.env.clock.nowMs()
    this.#pollInTime(nowMs)
    return !this.#control?.stop?.now && !isUnattended(this.#stateAt(nowMs)) && !this.#failure
  }

  async #sayNothing(): Promise<void> {
    this.#concluding = true
    this.#sender.sayNothing(this.#windowAt(this.#input.env.clock.nowMs()))
    await this.#sender.flushed()
  }

  async #poll(): Promise<void> {
    this.#reading = true
    // Records the time before the read begins. If the worker stalls during the read, the content may be outdated when the worker continues. Outdated
    // content must not renew the permission to send.
    const readAt = this.#input.env.clock.nowMs()
    const control = await readControl(this.#input.event.run, this.#input.env)
    this.#reading = false
    // If the control file was deleted, the run must end, because a person could no longer stop the run.
    this.#controlGone = control === null
    if (!control) return
    this.#control = control
    // An order to stop must reach the engine before the control message. An engine that has stalled sends no requests until it receives a control
    // message. If the control message came first, the engine would send requests before it receives the order to stop.
    if (this.#watching) this.#heed(this.#input.env.clock.nowMs())
    const { startAt, leaseUntil } = control
    const news = changesIn(control) === this.#told ? {} : { fleet: fleetAt(this.#input.plan, control) }
    this.#told = changesIn(control)
    this.#say({ type: 'control', startAt, leaseUntil, readAt, ...news })
  }

  /** Stops the users immediately if they must stop now, or gracefully if `earlyStopOf` returns an order to stop. */
  #heed(nowMs: number): void {
    if (this.#isToStopNow(nowMs)) return this.#stopNow()
    const stop = earlyStopOf(this.#stateAt(nowMs), this.#input.plan.timing)
    if (stop) this.#stop(stop, nowMs)
  }

  #stateAt(nowMs: number): WorkerState {
    const [stuck, remainingMs] = [this.#sender.isStuck, this.#input.env.remainingMs()]
    return { nowMs, control: this.#control, controlGone: this.#controlGone, stuck, remainingMs }
  }

  /**
   * Returns whether the users must stop immediately. There are two reasons: an immediate stop was requested (`--now`), or a later attempt runs the
   * slice without a hand-over from this attempt.
   */
  #isToStopNow(nowMs: number): boolean {
    if (this.#control?.stop?.now) return true
    const attempt = { ...this.#input.event, untilMs: this.#deadline.untilMs }
    return this.#control !== undefined && isReplaced(this.#control, attempt, nowMs)
  }

  #stop({ graceMs, because }: EarlyStop, nowMs: number): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#deadline.stop(nowMs, graceMs)
    if (because !== undefined) this.#sender.sayStopped(this.#windowAt(nowMs), because)
    this.#sayStop(graceMs, false)
  }

  /** Stops the users immediately, even if they have already been asked to stop gracefully. */
  #stopNow(): void {
    if (this.#endsAtOnce) return
    this.#stopping = true
    this.#endsAtOnce = true
    this.#deadline.stop(this.#input.env.clock.nowMs(), 0)
    this.#deadline.wait(false)
    this.#sayStop(0, true)
  }

  #sayStop(graceMs: number, skipOnStop: boolean): void {
    this.#say({ type: 'stop', graceMs, skipOnStop, isRunStopped: this.#control?.stop != null })
  }

  #flush(nowMs: number): void {
    if (nowMs < (this.#control?.startAt ?? 0)) return
    if (this.#askedAtMs === null) {
      this.#askedAtMs = nowMs
      this.#say({ type: 'flush' })
    } else if (nowMs - this.#askedAtMs > blockedMs) this.#sender.sayBlocked(this.#windowAt(nowMs))
  }

  /** Returns the number of the reporting interval that contains the given time. */
  #intervalAt(nowMs: number): number {
    return Math.floor((nowMs - (this.#control?.startAt ?? nowMs)) / this.#input.plan.flushMs)
  }

  #windowAt(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - (this.#control?.startAt ?? nowMs)) / this.#input.plan.windowMs))
  }

  #hear(message: FromEngine): void {
    if (message.type === 'failed') this.#fail(message.message)
    if (message.type === 'handOver') this.#handOver(message.part)
    if (message.type === 'file') this.#files.add(message)
    if (message.type !== 'counted') return
    this.#askedAtMs = null
    this.#sender.send(message)
    if (message.done) {
      this.#engineDone = true
      this.#ended.resolve()
    }
  }

  #handOver(part: string): void {
    const { event, env, plan } = this.#input
    this.#parts ??= new PartWriter(env, { ...event, atMs: this.#deadline.untilMs ?? 0 }, plan.handOver?.waitMs ?? 0)
    // A user must not run in both workers. If the next worker has stopped waiting, or if a part cannot be written, the users stop immediately.
    this.#parts.write(part, () => this.#stopNow())
  }

  #fail(reason: string): void {
    this.#failure ??= this.#masked(reason).slice(0, 1000)
    this.#ended.resolve()
  }

  /** Handles the exit of the engine's thread. User code can cause this exit, because `process.exit()` ends only the thread that calls it. */
  #gone(): void {
    if (!this.#engineDone && !this.#concluding) this.#fail('the scenario ended its thread, e.g. with process.exit()')
    this.#ended.resolve()
  }

  /**
   * Ends the engine's thread. If the engine has not sent its last counts, sends the last message of this attempt instead of the engine. Waits until
   * all messages, parts and files are stored.
   */
  async #conclude(): Promise<void> {
    this.#concluding = true
    await this.#engine?.terminate()
    if (!this.#engineDone) {
      const written = Atomics.load(new Int32Array(this.#sent), 0)
      const nowMs = this.#input.env.clock.nowMs()
      const isTurnOver = this.#deadline.isTurnOver(nowMs, this.#control)
      this.#sender.sayTerminated(this.#windowAt(nowMs), written, this.#failure, isTurnOver && !this.#failure)
    }
    await Promise.all([this.#sender.flushed(), this.#parts?.done(), this.#files.store(this.#input)])
  }

  #say(message: ToEngine): void {
    this.#engine?.postMessage(message)
  }
}
