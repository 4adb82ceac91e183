import { clearTimeout, setImmediate, setTimeout } from '../../../guard/built-ins.ts'
import { sliceOf } from '../../../../core/fleet/fleet.ts'
import type { Census } from '../counting/presence.ts'
import { AwaitedUsers } from '../handover/awaited-users.ts'
import type { CarriedUser, HandOverPart } from '../handover/carried-user.ts'
import { Departure } from '../handover/departure.ts'
import type { EngineTurn } from '../handover/inheritance.ts'
import { packUser, remade } from '../handover/pack.ts'
import { Draining } from './draining.ts'
import { DueArrivals, classOf, takesOverInTime } from './due-arrivals.ts'
import type { Executor, ExecutorContext } from './executor.ts'
import type { Arrival, Pooled } from './pooled.ts'
import type { RunningUser } from '../users/context.ts'
import { SimulatedUser } from '../users/simulated-user.ts'

/**
 * The longest delay of an arrival, in milliseconds. An arrival that cannot begin within this time is dropped, because a longer delay would change the
 * load.
 */
const latestMs = 100
/** The longest delay for which a timer is set, in milliseconds. */
const longestTimerMs = 2_000_000_000

/**
 * The open model. Each arrival is due at its planned time, even if the target is slow. For each arrival, an idle user of the pool runs one iteration.
 * Arrival j belongs to slice j mod W, where W is the number of slices at the time of the arrival. The class, task and data of an arrival depend only
 * on the seed and j.
 */
export class Arrivals implements Executor {
  readonly #ended = Promise.withResolvers<void>()
  readonly done = this.#ended.promise
  readonly #engine: ExecutorContext
  #startMs = 0
  readonly #due: DueArrivals
  readonly #most: number
  readonly #idle: Pooled[][]
  readonly #pooled = new Map<RunningUser, Pooled>()
  readonly #draining = new Draining()
  readonly #awaited: AwaitedUsers
  #made = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** The life number of the pooled users that this worker creates. */
  #life = 0
  /**
   * The time at which this worker took over. Arrivals that were due earlier are late only because this worker had to wait for the previous worker's
   * users. Such arrivals are not dropped. Minus infinity in two cases: there was no previous worker, or this worker itself started late. In these
   * cases, each arrival that is late by more than `latestMs` is dropped, because it would change the load.
   */
  #tookOverMs = Number.NEGATIVE_INFINITY
  #departure: Departure | undefined
  #departing = false
  /** `true` if the hand-over of users has begun. It begins after all arrivals of this worker's turn have been started or dropped. */
  #exported = false
  #cut: NodeJS.Timeout | undefined

  constructor(engine: ExecutorContext) {
    this.#engine = engine
    this.#due = new DueArrivals(engine.fleet, engine.setup)
    this.#most = sliceOf(engine.fleet, engine.setup.slice).count
    this.#idle = engine.classes.map(() => [])
    this.#awaited = new AwaitedUsers({
      engine,
      draining: this.#draining,
      adopt: (carried) => this.#adopt(carried),
      departure: () => this.#departure,
      checkDone: () => this.#checkDone(),
    })
  }

  take(turn: EngineTurn): void {
    this.#due.limit(turn)
    const { inherited } = turn
    if (inherited === null) return
    if (takesOverInTime(this.#engine, turn)) this.#tookOverMs = this.#engine.clock.nowMs()
    if (inherited === 'nobody') this.#life = this.#engine.setup.attempt
    else {
      this.#made = inherited.made
      this.#awaited.begin(inherited)
    }
  }

  startAt(startMs: number): void {
    clearTimeout(this.#timer)
    this.#startMs = startMs
    this.#arm()
  }

  /** Changes the load. An arrival that is due before the change keeps its time and its slice. */
  replan(): void {
    if (this.#stopped || this.#departing || this.#startMs === 0) return
    clearTimeout(this.#timer)
    this.#due.replan(this.#engine.fleet, this.#engine.clock.nowMs() - this.#startMs)
    this.#arm()
  }

  catchUp(): void {
    // Nothing to do: no arrival is planned within a pause, so the open model does not catch up after a pause.
  }

  /**
   * Returns the users whose loops over events or messages must end when a pause begins. Leaves out a user that waits before its next try of
   * `onStart`, because an arrival waits for this user. If the run is still paused when the user is due to try again, the gate holds the user.
   */
  present(): SimulatedUser[] {
    return [...this.#pooled.values()].map(({ user }) => user).filter(({ rest }) => rest.untilMs === null)
  }

  inherit(part: HandOverPart | null): void {
    this.#awaited.inherit(part)
  }

  /** Continues a pooled user of the previous worker. */
  #adopt(carried: CarriedUser): void {
    const user = remade(carried, this.#engine)
    if (!user) return this.#engine.recorder.countUsers('begunAnew')
    const pooled: Pooled = { user, work: Promise.resolve() }
    this.#engine.presence.settle()
    this.#pooled.set(user, pooled)
    this.#engine.recorder.countUsers('carried')
    this.#idle[this.#engine.classes.indexOf(user.userClass)]?.push(pooled)
  }

  depart(tell: (part: HandOverPart) => void): void {
    this.#engine.presence.sample()
    this.#engine.presence.settle()
    this.#departing = true
    this.#takeDue()
    clearTimeout(this.#timer)
    // The queue keeps its order, so this callback runs after the queued arrivals that are already due.
    this.#engine.ready.push(this.#engine.clock.nowMs(), () => {
      const users = [...this.#pooled.keys()].map(({ index }) => index)
      this.#departure = new Departure(tell, [...users, ...this.#awaited.indexes], { made: this.#made })
      this.#exported = true
      for (const pooled of this.#pooled.values()) {
        if (this.#idle.some((idle) => idle.includes(pooled))) this.#handOver(pooled)
        else pooled.user.depart()
      }
      this.#cut = setTimeout(() => {
        for (const pooled of this.#pooled.values()) this.#retire(pooled, 0)
      }, this.#engine.setup.plan.timing.drainMs)
      this.#checkDone()
    })
  }

  /** Hands an idle user over to the next worker. A user that cannot be handed over ends in this worker, and the next worker creates another user. */
  #handOver(pooled: Pooled): void {
    const { user } = pooled
    const carried = user.started
      ? packUser(user, this.#engine, this.#engine.clock.nowMs())
      : 'onStart has not succeeded'
    const isCarried = typeof carried !== 'string' && this.#departure?.carried(user.index, carried)
    if (!isCarried) return this.#retire(pooled, this.#engine.setup.plan.timing.drainMs)
    this.#engine.presence.settle()
    this.#pooled.delete(user)
    user.end(true)
    this.#checkDone()
  }

  stop(graceMs: number, skipOnStop = false): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#awaited.stop(graceMs, skipOnStop)
    this.#draining.hurry(graceMs, skipOnStop)
    for (const { user } of this.#pooled.values()) user.skipsOnStop ||= skipOnStop
    for (const pooled of this.#pooled.values()) this.#retire(pooled, graceMs)
    this.#checkDone()
  }

  leaveEarly(user: RunningUser): void {
    const pooled = this.#pooled.get(user)
    if (pooled) setImmediate(() => this.#retire(pooled, this.#engine.setup.plan.timing.drainMs))
  }

  census(): Census {
    return { users: this.#pooled.size - this.#engine.gate.held, draining: this.#draining.size, leftAt: () => 0 }
  }

  #arm(): void {
    if (this.#stopped) return
    const { endMs } = this.#engine.fleet.profile
    const atMs = this.#due.nextMs ?? endMs ?? undefined
    if (atMs === undefined) return
    const waitMs = Math.min(Math.max(0, this.#startMs + atMs - this.#engine.clock.nowMs()), longestTimerMs)
    this.#timer = setTimeout(() => this.#onTimer(), waitMs)
  }

  #onTimer(): void {
    const nowMs = this.#engine.clock.nowMs()
    this.#takeDue()
    const { endMs } = this.#engine.fleet.profile
    // The queue keeps its order, so this callback runs after the queued arrivals that are already due.
    if (endMs !== null && nowMs >= this.#startMs + endMs)
      this.#engine.ready.push(nowMs, () => this.stop(this.#engine.setup.plan.timing.drainMs))
    else if (!this.#departing) this.#arm()
  }

  #takeDue(): void {
    const { clock, ready } = this.#engine
    for (const { j, atMs } of this.#due.takeDue(clock.nowMs() - this.#startMs)) {
      ready.push(this.#startMs + atMs, (lagMs) => this.#arrive(j, this.#startMs + atMs, lagMs))
    }
  }

  #arrive(j: number, plannedMs: number, lagMs: number): void {
    const isLate = lagMs > latestMs && plannedMs >= this.#tookOverMs
    if (isLate || this.#stopped) return this.#drop(j, 'droppedGenerator')
    const classIndex = classOf(j, this.#engine)
    const arrival = { j, plannedMs, classIndex, lagMs }
    const pooled = this.#idle[classIndex]?.pop() ?? this.#grow(classIndex)
    if (pooled) this.#begin(pooled, arrival)
    else if (!this.#replaceIdle(arrival)) this.#drop(j, 'droppedPool')
  }

  #begin(pooled: Pooled, arrival: Arrival): void {
    this.#engine.recorder.arrivalStarted()
    pooled.work = this.#engine.asUser(pooled.user, () => this.#serve(pooled, arrival))
  }

  #drop(j: number, cause: 'droppedPool' | 'droppedGenerator'): void {
    this.#engine.recorder.arrivalDropped(cause, this.#due.momentOf(j))
  }

  /**
   * Runs one iteration. Afterwards, the user waits for the next arrival of its class, in this worker or in the next one. With `freshUser`, the user
   * ends instead.
   */
  async #serve(pooled: Pooled, arrival: Arrival): Promise<void> {
    const { user } = pooled
    user.draws.beArrival(arrival.j, this.#due.total)
    const goesOn = user.started || (await this.#start(user, arrival))
    if (user.failing) this.#engine.recorder.countUsers('unserved')
    if (goesOn) {
      user.pace.meantFor(arrival.plannedMs)
      user.pace.noteLag(arrival.lagMs)
      await user.iterate()
      this.#engine.userCodeRan()
    }
    if (user.stopping || this.#stopped) return
    if (this.#exported) this.#handOver(pooled)
    else if (goesOn) this.#rest(pooled, arrival.classIndex)
  }

  #rest(pooled: Pooled, classIndex: number): void {
    const { freshUser, timing } = this.#engine.setup.plan
    if (freshUser) this.#retire(pooled, timing.drainMs)
    else this.#idle[classIndex]?.push(pooled)
  }

  async #start(user: SimulatedUser, { plannedMs }: Arrival): Promise<boolean> {
    const goesOn = await user.start(plannedMs)
    if (user.started) this.#engine.begun(user)
    return goesOn
  }

  #grow(classIndex: number): Pooled | undefined {
    const userClass = this.#engine.classes[classIndex]
    // A user counts as pooled until its `onStop` has ended, because `onStop` can send requests.
    if (!userClass || this.#pooled.size + this.#draining.size + this.#awaited.size >= this.#most) return undefined
    const { first, stride } = sliceOf(this.#engine.fleet, this.#engine.setup.slice)
    const index = first + this.#made++ * stride
    const user = new SimulatedUser(this.#engine, index, this.#life, userClass)
    const pooled: Pooled = { user, work: Promise.resolve() }
    this.#engine.presence.settle()
    this.#pooled.set(user, pooled)
    return pooled
  }

  /**
   * Makes room in a full pool for a user of the arrival's class. One idle user leaves the pool; its class is the one with the most idle users. The
   * arrival begins after `onStop` of the leaving user. If this user takes longer than `latestMs` to leave, the arrival is dropped.
   * @returns false if no user of the pool is idle
   */
  #replaceIdle(arrival: Arrival): boolean {
    const longest = this.#idle.reduce((a, b) => (b.length > a.length ? b : a), [])
    const leaving = longest[0]
    if (!leaving) return false
    const askedMs = this.#engine.clock.nowMs()
    this.#retire(leaving, this.#engine.setup.plan.timing.drainMs, () => {
      const inTime = !this.#stopped && this.#engine.clock.nowMs() - askedMs <= latestMs
      const pooled = inTime ? this.#grow(arrival.classIndex) : undefined
      if (pooled) this.#begin(pooled, arrival)
      else this.#drop(arrival.j, 'droppedPool')
    })
    return true
  }

  /**
   * Ends a user.
   * @param left called when the user has ended
   */
  #retire(pooled: Pooled, graceMs: number, left?: () => void): void {
    this.#engine.presence.settle()
    this.#engine.gate.leaves(pooled.user)
    this.#engine.failing.remove(pooled.user)
    if (!this.#pooled.delete(pooled.user)) return
    for (const idle of this.#idle) {
      const place = idle.indexOf(pooled)
      if (place !== -1) idle.splice(place, 1)
    }
    const { user } = pooled
    const life = this.#engine.asUser(user, () => pooled.work.then(() => user.leave()))
    void this.#draining.stop(user, graceMs, life).then(() => {
      this.#departure?.gone(user.index, 'anew')
      left?.()
      this.#checkDone()
    })
  }

  #checkDone(): void {
    if (!this.#stopped && !this.#exported) return
    if (this.#pooled.size + this.#draining.size + this.#awaited.size > 0) return
    clearTimeout(this.#cut)
    this.#awaited.close()
    this.#departure?.end()
    this.#ended.resolve()
  }
}
