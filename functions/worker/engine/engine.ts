import { clearInterval, setInterval } from '../../guard/built-ins.ts'
import type { Fleet } from '../../../core/fleet/fleet.ts'
import type { Scenario } from '../../../core/authoring/definition.ts'
import type { UserRuntime } from '../../../core/authoring/runtime.ts'
import type { WorkerCell } from '../../../core/window/window.ts'
import { assignClasses, namesHaveSeconds } from '../../../core/plan/plan.ts'
import { seedOf } from '../../../core/random.ts'
import { Accounts } from './counting/accounts.ts'
import { Arrivals } from './executors/arrivals.ts'
import { EngineClock } from './engine-clock.ts'
import type { Connections } from './http/connection/connections.ts'
import { sharedConnectionsOf } from './http/http2/connections-of.ts'
import { asCurrentUser } from './users/current-user.ts'
import { ConnectionMaker } from './http/connection/connector.ts'
import type { BuiltInGuard } from '../../guard/built-in-guard.ts'
import type { NodeMembers } from '../../guard/node-members.ts'
import { Securities } from './http/connection/security.ts'
import { CookieBudget, type Cookies } from './http/cookies.ts'
import type { Executor, ExecutorContext } from './executors/executor.ts'
import { Deadlines } from './http/deadlines.ts'
import type { LoadedClass, RunningUser, SocketOwner } from './users/context.ts'
import { FailingUsers } from './users/failing-users.ts'
import { loadClasses } from './users/loaded-classes.ts'
import { Flush } from './counting/flush.ts'
import { type EngineTurn, wholeTurn } from './handover/inheritance.ts'
import { TurnEnd } from './handover/turn-end.ts'
import { Harm } from './counting/harm.ts'
import { Health } from './health/health.ts'
import { Routes, homeOf } from './http/sending/routes.ts'
import type { EngineParts, EngineSetup, ToEngine, TraceEvent } from './protocol.ts'
import { EventHook } from './event-hook.ts'
import { Lease } from './lease.ts'
import { SampleLog } from './sample-log.ts'
import { Ranks } from './users/ranks.ts'
import { Gate } from './scheduling/gate.ts'
import { ReadyQueue } from './scheduling/ready-queue.ts'
import { Presence } from './counting/presence.ts'
import { Recorder } from './counting/recorder.ts'
import { Redirects } from './http/redirects/allowed-redirects.ts'
import { Meter } from './http/meter.ts'
import { Rehearsal } from './executors/rehearsal.ts'
import { Spawner } from './executors/spawner.ts'
import { Turns } from './health/loop-turns.ts'
import { Targets } from '../../guard/targets.ts'
import { Shortages } from './http/shortages.ts'
import { type CallServices, UserCalls } from './user-calls.ts'
import { milliseconds } from '../../../core/words.ts'

/**
 * Runs the users of one slice and counts their requests. The engine has no access to stores, queues or reports. It hands over its counts when the
 * shell asks for them, and when all its users have ended.
 */
export class Engine implements ExecutorContext {
  readonly clock: EngineClock
  readonly turns = new Turns()
  readonly ready = new ReadyQueue(this.turns)
  readonly maker: ConnectionMaker
  readonly recorder: Recorder
  readonly routes: Routes
  readonly sharedConnections: Connections | null
  readonly cookieBudget = new CookieBudget()
  readonly seed: number
  readonly traceContext: boolean
  readonly data: unknown
  readonly vars: Readonly<Record<string, string>>
  readonly classes: LoadedClass[]
  assigned: Uint16Array
  fleet: Fleet
  readonly setup: EngineSetup
  readonly feeds: readonly object[]
  readonly trace: ((event: TraceEvent) => void) | null
  startMs: number
  readonly presence: Presence
  readonly harm: Harm
  readonly events: EventHook | null
  readonly executor: Executor
  readonly gate = new Gate(this)
  readonly failing = new FailingUsers(this)
  readonly #ranks: Ranks
  readonly #accounts: Accounts
  /** The log of every request; undefined without `--samples`. */
  readonly samples: SampleLog | undefined
  readonly #flush: Flush
  readonly #health = new Health()
  readonly #deadlines = new Deadlines(() => this.turns.lookSoon())
  readonly #redirects: Redirects
  readonly #meter: Meter
  readonly #shortages: Shortages
  readonly #lease: Lease
  readonly #calls: CallServices
  readonly #turnEnd: TurnEnd
  readonly #builtIns: BuiltInGuard
  readonly #nodeMembers: NodeMembers | undefined
  readonly #heartbeat: NodeJS.Timeout
  #begun = false

  constructor(setup: EngineSetup, scenario: Scenario, { builtIns, nodeMembers, tell, feeds }: EngineParts) {
    const { plan, slice, attempt } = setup
    this.setup = setup
    this.feeds = feeds
    this.#builtIns = builtIns
    this.#nodeMembers = nodeMembers
    this.clock = new EngineClock(setup.anchor)
    this.seed = seedOf(plan.seed)
    this.traceContext = plan.traceContext ?? false
    this.data = setup.data
    this.vars = Object.freeze({ ...plan.vars })
    this.trace = setup.mode === 'run' ? null : (event) => tell({ type: 'trace', event })
    this.#meter = new Meter(setup.sent, this.turns)
    this.maker = this.#makeMaker(scenario)
    this.#shortages = new Shortages(this.maker, this.cookieBudget)
    this.recorder = new Recorder({ slice, attempt, windowMs: plan.windowMs, namesHaveSeconds: namesHaveSeconds(plan) })
    this.harm = new Harm(this.recorder)
    this.events = scenario.onEvent ? new EventHook(scenario.onEvent, this) : null
    this.routes = new Routes(homeOf(plan), this.recorder)
    this.sharedConnections = plan.connections === 'shared' ? sharedConnectionsOf(this.maker, scenario.http2) : null
    this.classes = loadClasses(setup, scenario)
    this.fleet = setup.fleet
    this.assigned = assignClasses(plan.classes, setup.fleet.users)
    this.#ranks = new Ranks(plan)
    this.#redirects = new Redirects(plan.host, scenario.allow)
    this.startMs = this.clock.atWall(setup.startAt)
    this.recorder.cuts.startAt(this.startMs)
    this.#accounts = new Accounts(this.recorder, this.clock, (atMs) => this.secondOf(atMs), scenario.onRequest)
    if (plan.samples) this.#accounts.samples = this.samples = new SampleLog(() => this.startMs, tell)
    this.#calls = this.#callServices()
    this.#flush = new Flush({ plan, recorder: this.recorder, gauge: this.#gauge, tell })
    this.#lease = new Lease(this.clock, setup.leaseUntil)
    this.executor = this.#makeExecutor()
    this.#turnEnd = new TurnEnd({ executor: this.executor, clock: this.clock, tell })
    this.presence = new Presence(this, () => this.executor.census())
    this.#heartbeat = setInterval(() => this.#beat(), 250)
  }

  /** Resolves when all users have ended or were handed over, and no further user will begin. */
  get done(): Promise<void> {
    return this.executor.done
  }

  begin(turn: EngineTurn = wholeTurn): void {
    this.#begun = true
    this.executor.take(turn)
    this.executor.startAt(this.startMs)
    this.presence.arm(turn.fromMs)
    this.#turnEnd.arm(this.startMs, turn)
    if (!turn.isStopping) return
    this.stop({ graceMs: this.setup.plan.timing.stopMs, skipOnStop: false, isRunStopped: true })
  }

  /** Runs a user's code. While this code runs, feeds and `Math.random` draw for the current user. */
  asUser<T>(user: UserRuntime, body: () => T): T {
    const value = asCurrentUser(user, body)
    this.#builtIns.check()
    return value
  }

  /**
   * Applies what the shell has read in the control file: the lease, a changed load, and the start of the run. After the start of the run, a different
   * start has no effect.
   */
  control(word: { startAt: number; leaseUntil: number; readAt: number; fleet?: Fleet }): void {
    this.#lease.hear(word)
    if (word.fleet) this.#replan(word.fleet)
    const startMs = this.clock.atWall(word.startAt)
    if (Math.abs(startMs - this.startMs) < 1 || this.startMs <= this.clock.nowMs()) return
    this.startMs = startMs
    this.recorder.cuts.startAt(startMs)
    // Users start only when this worker's turn begins, because this worker may first have to take over the users of another worker.
    if (!this.#begun) return
    this.executor.startAt(startMs)
    this.presence.arm()
    this.#turnEnd.arm(startMs)
  }

  /**
   * Continues with a changed load. If users are added, the existing users keep their classes, because the class of a user does not depend on the
   * number of users.
   */
  #replan(fleet: Fleet): void {
    this.fleet = fleet
    this.assigned = assignClasses(this.setup.plan.classes, fleet.users)
    this.executor.replan()
  }

  stop({ graceMs, skipOnStop, isRunStopped }: Omit<Extract<ToEngine, { type: 'stop' }>, 'type'>): void {
    this.#turnEnd.stopped(isRunStopped)
    this.executor.stop(graceMs, skipOnStop)
  }

  /**
   * Sends the counts that have not been sent yet. A worker that reports once per window sends the counts of the current window in two cases only: at
   * the end (`done`), and if no earlier window has counts.
   */
  async flush(done: boolean): Promise<void> {
    this.presence.sample()
    if (done && this.#turnEnd.isUndisturbed) this.presence.finished()
    else this.presence.settle()
    if (done) this.#turnEnd.finished()
    // The notices are written into the current window before its counts are sent: at the end of the run, no later window exists.
    for (const text of [...this.#shortages.news(), ...(this.#nodeMembers?.news() ?? [])]) this.notice(text)
    await this.#flush.now(done, this.#turnEnd.handsOver)
  }

  readonly #gauge = (worker: WorkerCell): void => {
    Object.assign(worker, { users: this.executor.census().users, sockets: this.maker.sockets })
    if (this.setup.plan.search) worker.overdue = this.#deadlines.overdue()
    this.#health.report(worker)
  }

  close(): void {
    clearInterval(this.#heartbeat)
    for (const one of [this.presence, this.gate, this.#turnEnd, this.#health, this.#deadlines]) one.close()
    this.sharedConnections?.close()
  }

  /**
   * Returns the number of the second that contains the moment `atMs` (on the engine's clock). The first second of the run has the number 0. Earlier
   * moments count in this second.
   */
  secondOf(atMs: number): number {
    return Math.max(0, Math.floor((atMs - this.startMs) / 1000))
  }

  // ---- methods that users and executors call

  callsOf(user: SocketOwner, cookies: Cookies, connections: Connections): UserCalls {
    return new UserCalls(this.#calls, user, cookies, connections)
  }

  refusal(nowMs: number): string | undefined {
    this.#builtIns.check()
    if (!this.#turnEnd.mayAct(nowMs)) return 'the turn of this worker is over, and its users continue in another worker'
    return this.#lease.refusal(nowMs)
  }

  rank(index: number, classes: readonly string[]): { rank: number; of: number } {
    return this.#ranks.of(index, classes)
  }

  /** Called when a user has completed `onStart`. */
  begun(user: RunningUser & UserRuntime): void {
    this.recorder.begun(user.userClass.name, this.harm.has(user))
    this.events?.tell({ type: 'userStart', user: user.index, class: user.userClass.name }, user)
  }

  leaveEarly(user: RunningUser, forGood: boolean): void {
    this.executor.leaveEarly(user, forGood)
  }

  userCodeRan(): void {
    this.#builtIns.check()
  }

  notice(text: string): void {
    this.recorder.notice(text)
  }

  // ---- inside

  #beat(): void {
    this.#lease.beat()
    this.#builtIns.restore()
    const steppedMs = this.clock.takeStepMs()
    if (steppedMs === 0) return
    const by = `${steppedMs > 0 ? '+' : '−'}${milliseconds(Math.abs(steppedMs))}`
    this.notice(`the wall clock jumped by ${by}: the run's times use another clock, which did not jump`)
  }

  #callServices(): CallServices {
    return {
      ready: this.ready,
      accounts: this.#accounts,
      recorder: this.recorder,
      maker: this.maker,
      deadlines: this.#deadlines,
      harm: this.harm,
      events: this.events,
      meter: this.#meter,
      redirects: this.#redirects,
      trace: this.trace,
      origin: this.routes.origin,
      asUser: (user, body) => this.asUser(user, body),
      checkBuiltIns: () => this.#builtIns.check(),
    }
  }

  #makeMaker({ tls }: Scenario): ConnectionMaker {
    const { plan, allow } = this.setup
    return new ConnectionMaker(new Targets(allow), {
      securities: new Securities(tls, plan.insecure),
      home: plan.host,
      network: plan.network,
      proxyUserinfo: plan.proxyUserinfo,
      secured: (version, verified) => this.recorder.secured(version, verified),
      spoke: (origin, protocol, what) => this.recorder.spoke(origin, protocol, what),
    })
  }

  #makeExecutor(): Executor {
    if (this.setup.mode === 'debug') return new Rehearsal(this, this.setup.stuckMs)
    return this.setup.plan.model === 'arrivals' ? new Arrivals(this) : new Spawner(this)
  }
}
