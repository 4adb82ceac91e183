import { clearTimeout, setImmediate, setTimeout } from '../../../guard/built-ins.ts'
import { type ArrivalSpan, arrivalSpansOf, nextArrivalOf, sliceOf } from '../../../../core/fleet/fleet.ts'
import { arrivalAt, arrivalsBefore } from '../../../../core/plan/load.ts'
import { keyedStream } from '../../../../core/random.ts'
import type { Census } from '../counting/presence.ts'
import type { Executor, ExecutorContext } from './executor.ts'
import type { RunningUser } from '../users/context.ts'
import { SimulatedUser } from '../users/simulated-user.ts'

/** An arrival that could not begin within this time is dropped: it would be another load than the one asked for. */
const latestMs = 100
/** Later than any timer may be set. */
const longestTimerMs = 2_000_000_000

interface Pooled {
  user: SimulatedUser
  /** The iteration it is in; resolved when it is idle. */
  work: Promise<void>
}

interface Arrival {
  j: number
  plannedMs: number
  classIndex: number
  /** How much later than planned it began. */
  lagMs: number
}

/**
 * The open model: arrival j is due at its time whatever the target does, and is one iteration of an idle pooled user. Arrival j belongs to
 * slice j mod W of the W that there are then; its class, task and data come from the seed and j alone.
 */
export class Arrivals implements Executor {
  readonly done: Promise<void>
  readonly #engine: ExecutorContext
  #startMs = 0
  /** The next arrival of this slice; undefined when there is none any more. */
  #next: number | undefined
  #spans: readonly ArrivalSpan[]
  readonly #total: number
  readonly #most: number
  readonly #idle: Pooled[][]
  readonly #pooled = new Map<RunningUser, Pooled>()
  readonly #draining = new Set<SimulatedUser>()
  #made = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #resolveDone!: () => void

  constructor(engine: ExecutorContext) {
    this.#engine = engine
    const { setup, fleet } = engine
    const { profile } = setup.plan
    this.#spans = arrivalSpansOf(fleet)
    this.#next = nextArrivalOf(this.#spans, setup.slice, 0)
    this.#most = sliceOf(fleet, setup.slice).count
    this.#total = profile.endMs === null ? Number.MAX_SAFE_INTEGER : arrivalsBefore(profile, profile.endMs)
    this.#idle = engine.classes.map(() => [])
    this.done = new Promise((resolve) => (this.#resolveDone = resolve))
  }

  startAt(startMs: number): void {
    clearTimeout(this.#timer)
    this.#startMs = startMs
    this.#arm()
  }

  /** What is due before the change is the same as before, and so is which slice it belongs to. */
  replan(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    const { setup, fleet } = this.#engine
    const passed = arrivalsBefore(fleet.profile, this.#engine.clock.nowMs() - this.#startMs)
    this.#spans = arrivalSpansOf(fleet)
    this.#next = nextArrivalOf(this.#spans, setup.slice, Math.min(this.#next ?? passed, passed))
    this.#arm()
  }

  stop(graceMs: number): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const user of this.#draining) user.hurry(graceMs)
    for (const pooled of this.#pooled.values()) this.#retire(pooled, graceMs)
    this.#checkDone()
  }

  leaveEarly(user: RunningUser): void {
    const pooled = this.#pooled.get(user)
    if (pooled) setImmediate(() => this.#retire(pooled, this.#engine.setup.plan.timing.drainMs))
  }

  census(): Census {
    return { users: this.#pooled.size, draining: this.#draining.size, left: 0 }
  }

  #arm(): void {
    const dueMs = this.#dueOf(this.#next)
    if (this.#stopped) return
    const { endMs } = this.#engine.fleet.profile
    const atMs = dueMs ?? (endMs === null ? undefined : this.#startMs + endMs)
    if (atMs === undefined) return
    const waitMs = Math.min(Math.max(0, atMs - this.#engine.clock.nowMs()), longestTimerMs)
    this.#timer = setTimeout(() => this.#due(), waitMs)
  }

  #dueOf(j: number | undefined): number | undefined {
    const atMs = j === undefined ? undefined : arrivalAt(this.#engine.fleet.profile, j)
    return atMs === undefined ? undefined : this.#startMs + atMs
  }

  #due(): void {
    const nowMs = this.#engine.clock.nowMs()
    for (let j = this.#next; j !== undefined; j = this.#next) {
      const [arrival, plannedMs] = [j, this.#dueOf(j)]
      if (plannedMs === undefined || plannedMs > nowMs) break
      this.#next = nextArrivalOf(this.#spans, this.#engine.setup.slice, j + 1)
      this.#engine.ready.push(plannedMs, (lagMs) => this.#arrive(arrival, plannedMs, lagMs))
    }
    const { endMs } = this.#engine.fleet.profile
    // Behind the arrivals that are due and have not had their turn.
    if (endMs !== null && nowMs >= this.#startMs + endMs)
      this.#engine.ready.push(nowMs, () => this.stop(this.#engine.setup.plan.timing.drainMs))
    else this.#arm()
  }

  #arrive(j: number, plannedMs: number, lagMs: number): void {
    const { arrivals } = this.#engine.recorder.window
    if (lagMs > latestMs || this.#stopped) {
      arrivals.droppedGenerator++
      this.#countDropped(j)
      return
    }
    const classIndex = this.#drawClass(j)
    const arrival = { j, plannedMs, classIndex, lagMs }
    const pooled = this.#idle[classIndex]?.pop() ?? this.#grow(classIndex)
    if (pooled) this.#begin(pooled, arrival)
    else if (!this.#replaceIdle(arrival)) this.#dropForPool(j)
  }

  #begin(pooled: Pooled, arrival: Arrival): void {
    this.#engine.recorder.window.arrivals.started++
    pooled.work = this.#engine.asUser(pooled.user, () => this.#serve(pooled, arrival))
  }

  #dropForPool(j: number): void {
    this.#engine.recorder.window.arrivals.droppedPool++
    this.#countDropped(j)
  }

  /** In the second in which it was due, however late that is known. */
  #countDropped(j: number): void {
    const dueMs = arrivalAt(this.#engine.fleet.profile, j) ?? 0
    this.#engine.recorder.second(Math.floor(dueMs / 1000)).dropped++
  }

  /** One iteration; the user then waits for the next arrival of its class. */
  async #serve(pooled: Pooled, arrival: Arrival): Promise<void> {
    const { user } = pooled
    user.beArrival(arrival.j, this.#total)
    if (!user.started) {
      const goesOn = await user.start(arrival.plannedMs)
      if (user.started) this.#engine.begun(user)
      if (!goesOn) return
    }
    user.pace.meantFor(arrival.plannedMs)
    user.pace.noteLag(arrival.lagMs)
    await user.iterate()
    this.#engine.userCodeRan()
    if (user.stopping || this.#stopped) return
    if (this.#engine.setup.plan.freshUser) this.#retire(pooled, this.#engine.setup.plan.timing.drainMs)
    else this.#idle[arrival.classIndex]?.push(pooled)
  }

  #drawClass(j: number): number {
    const { plan } = this.#engine.setup
    const total = plan.classes.reduce((sum, one) => sum + one.weight, 0)
    let left = keyedStream(this.#engine.seed, [j], 'arrival').next() * total
    const drawn = plan.classes.findIndex((one) => (left -= one.weight) < 0)
    return Math.max(0, drawn)
  }

  #grow(classIndex: number): Pooled | undefined {
    const userClass = this.#engine.classes[classIndex]
    if (!userClass || this.#isFull) return undefined
    const { first, stride } = sliceOf(this.#engine.fleet, this.#engine.setup.slice)
    const index = first + this.#made++ * stride
    const user = new SimulatedUser(this.#engine, index, 0, userClass)
    const pooled: Pooled = { user, work: Promise.resolve() }
    this.#engine.presence.settle()
    this.#pooled.set(user, pooled)
    return pooled
  }

  /** `maxUsers` counts every user that can still send: a user whose `onStop` has not ended keeps its place. */
  get #isFull(): boolean {
    return this.#pooled.size + this.#draining.size >= this.#most
  }

  /**
   * With a full pool, a user of the class with the most idle ones leaves for one of this class. The arrival begins when the `onStop` of
   * that user has ended, and is dropped if this takes too long. @returns whether there is an idle user
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
      else this.#dropForPool(arrival.j)
    })
    return true
  }

  /** @param left called when its life has ended */
  #retire(pooled: Pooled, graceMs: number, left?: () => void): void {
    this.#engine.presence.settle()
    if (!this.#pooled.delete(pooled.user)) return
    for (const idle of this.#idle) {
      const place = idle.indexOf(pooled)
      if (place !== -1) idle.splice(place, 1)
    }
    const { user } = pooled
    const life = this.#engine.asUser(user, () => leaveAfter(pooled))
    this.#draining.add(user)
    void user.stop(graceMs, life).then(() => {
      this.#draining.delete(user)
      left?.()
      this.#checkDone()
    })
  }

  #checkDone(): void {
    if (this.#stopped && this.#pooled.size === 0 && this.#draining.size === 0) this.#resolveDone()
  }
}

async function leaveAfter(pooled: Pooled): Promise<void> {
  await pooled.work
  await pooled.user.leave()
}
