import { clearTimeout, setImmediate, setTimeout } from '../../../guard/built-ins.ts'
import { sliceOf } from '../../../../core/fleet/fleet.ts'
import { livesOf, steepestRise } from '../../../../core/plan/load.ts'
import type { Census } from '../counting/presence.ts'
import type { Executor, ExecutorContext } from './executor.ts'
import type { RunningUser } from '../users/context.ts'
import { SimulatedUser } from '../users/simulated-user.ts'

/** A worker that begins this late lets its due users join gently instead of all at once. */
const lateMs = 1_000
/** At least so long. */
const joinMs = 5_000

interface Event {
  atMs: number
  index: number
  life: number
  /** Begins a life, or ends it. */
  begins: boolean
  /** When that life ends; null: when the run is stopped. */
  untilMs: number | null
}

interface Member {
  user: SimulatedUser
  /** What its life began with. */
  event: Event
  life: Promise<void>
}

/** The closed model: each user of the slice is alive exactly when the profile says so. */
export class Spawner implements Executor {
  readonly done: Promise<void>
  readonly #engine: ExecutorContext
  #events: Event[] = []
  #next = 0
  #startMs = 0
  #timer: NodeJS.Timeout | undefined
  readonly #members = new Map<number, Member>()
  readonly #draining = new Set<SimulatedUser>()
  /** Iterations done, by user, over all its lives. */
  readonly #iterations = new Map<number, number>()
  /** Users that found no data left. */
  readonly #exhausted = new Set<number>()
  /** Lives that the plan has and that ended, or never began, because the user left by itself. */
  readonly #left = new Set<string>()
  /** Lives that are due and wait for their turn. */
  readonly #begins = new Set<Event>()
  #stopped = false
  #resolveDone!: () => void

  constructor(engine: ExecutorContext) {
    this.#engine = engine
    this.done = new Promise((resolve) => (this.#resolveDone = resolve))
  }

  startAt(startMs: number): void {
    clearTimeout(this.#timer)
    this.#startMs = startMs
    this.#events = this.#schedule()
    this.#next = 0
    this.#arm()
  }

  replan(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    const nowMs = this.#engine.clock.nowMs() - this.#startMs
    const lives = new Map(this.#lives().map((event) => [lifeKey(event), event]))
    for (const [index, member] of this.#members) this.#reschedule(index, member, lives)
    for (const event of this.#begins) event.untilMs = endOf(lives, event, nowMs)
    for (const key of this.#left) if (!isUnderWay(lives.get(key), nowMs)) this.#forgetLeft(key)
    // A late worker lets its users in one after another; those that wait for it keep their turn.
    const waiting = this.#events.slice(this.#next).filter((one) => one.begins)
    const turns = new Map(waiting.map((one) => [lifeKey(one), one.atMs]))
    const under = new Set([...[...this.#members.values()].map(({ event }) => event), ...this.#begins].map(lifeKey))
    const due = this.#withEnds([...lives.values()]).filter((one) => {
      const began = under.has(lifeKey(one)) || this.#left.has(lifeKey(one))
      if (one.begins) return !began && isUnderWay(one, nowMs)
      return one.atMs > nowMs
    })
    const turnOf = (one: Event): number => (one.begins ? turns.get(lifeKey(one)) : undefined) ?? one.atMs
    this.#events = due.map((one) => ({ ...one, atMs: turnOf(one) })).toSorted(inTime)
    this.#next = 0
    this.#arm()
  }

  /** Of a user that is there: its life ends when it does now. */
  #reschedule(index: number, { event }: Member, lives: ReadonlyMap<string, Event>): void {
    const nowMs = this.#engine.clock.nowMs() - this.#startMs
    event.untilMs = endOf(lives, event, nowMs)
    if (event.untilMs !== null && event.untilMs <= nowMs) this.#retire(index, this.#engine.setup.plan.timing.drainMs)
  }

  stop(graceMs: number): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const user of this.#draining) user.hurry(graceMs)
    for (const index of this.#members.keys()) this.#retire(index, graceMs)
    this.#checkDone()
  }

  leaveEarly(user: RunningUser, forGood: boolean): void {
    if (forGood) this.#exhausted.add(user.index)
    // After the user's own code has unwound.
    setImmediate(() => {
      this.#leave(this.#members.get(user.index)?.event)
      this.#retire(user.index, this.#engine.setup.plan.timing.drainMs)
    })
  }

  census(): Census {
    return { users: this.#members.size, draining: this.#draining.size, left: this.#left.size }
  }

  #schedule(): Event[] {
    return this.#gently(this.#withEnds(this.#lives()).sort(inTime))
  }

  /** The beginnings of all lives of the slice's users. */
  #lives(): Event[] {
    const { setup, fleet } = this.#engine
    const mine = sliceOf(fleet, setup.slice)
    return Array.from({ length: mine.count }, (_, k) => mine.first + k * mine.stride).flatMap((index) =>
      livesOf(fleet.profile, index).map(({ fromMs, untilMs }, life) => {
        return { atMs: fromMs, index, life, begins: true, untilMs }
      }),
    )
  }

  /** Lives, with their ends. */
  #withEnds(lives: readonly Event[]): Event[] {
    return lives.flatMap((one) => (one.untilMs === null ? [one] : [one, { ...one, atMs: one.untilMs, begins: false }]))
  }

  /** Begun late, the users that are due already join one after another, no faster than the profile ever rises. */
  #gently(events: Event[]): Event[] {
    const lateBy = this.#engine.clock.nowMs() - this.#startMs
    if (lateBy < lateMs) return events
    const ended = new Set(events.filter((one) => !one.begins && one.atMs <= lateBy).map(lifeKey))
    const due = events.filter((one) => one.begins && one.atMs <= lateBy && !ended.has(lifeKey(one)))
    const { profile, slices } = this.#engine.fleet
    const fleetRise = steepestRise(profile)
    const rise = Number.isFinite(fleetRise) && fleetRise > 0 ? fleetRise / slices.length : Infinity
    const spreadMs = Math.max(joinMs, (due.length / rise) * 1000)
    const delayed = new Map(due.map((one, place) => [lifeKey(one), lateBy + (place / due.length) * spreadMs]))
    this.#engine.recorder.window.users.late += due.length
    return events
      .filter((one) => !ended.has(lifeKey(one)))
      .map((one) => ({ ...one, atMs: one.begins ? (delayed.get(lifeKey(one)) ?? one.atMs) : one.atMs }))
      .sort((a, b) => a.atMs - b.atMs)
  }

  #arm(): void {
    const atMs = this.#events[this.#next]?.atMs ?? this.#mayComeBackUntilMs()
    if (atMs === undefined || this.#stopped) return this.#checkDone()
    const waitMs = this.#startMs + atMs - this.#engine.clock.nowMs()
    // setTimeout takes at most 2^31 − 1 ms.
    this.#timer = setTimeout(() => this.#due(), Math.min(Math.max(0, waitMs), 2_000_000_000))
  }

  #due(): void {
    const nowMs = this.#engine.clock.nowMs()
    for (let event = this.#events[this.#next]; event; event = this.#events[this.#next]) {
      const dueMs = this.#startMs + event.atMs
      if (dueMs > nowMs) break
      this.#next++
      if (event.begins) this.#begin(event, dueMs)
      else {
        this.#retire(event.index, this.#engine.setup.plan.timing.drainMs)
        this.#endLeft(event)
      }
    }
    this.#arm()
  }

  #begin(event: Event, dueMs: number): void {
    this.#begins.add(event)
    this.#engine.ready.push(dueMs, (lagMs) => {
      this.#begins.delete(event)
      if (!this.#mayBegin(event)) {
        if (!this.#mayGoOn(event.index) && this.#isDue(event)) this.#leave(event)
        return this.#checkDone()
      }
      const userClass = this.#engine.classes[this.#engine.assigned[event.index] ?? 0]
      if (!userClass) throw new Error(`user ${event.index} has no class`)
      const user = new SimulatedUser(this.#engine, event.index, event.life, userClass)
      user.pace.noteLag(lagMs)
      const life = this.#engine.asUser(user, () => this.#live(user, dueMs))
      this.#engine.presence.settle()
      this.#members.set(event.index, { user, event, life })
      this.#engine.presence.begun(dueMs)
      void life.then(() => this.#gone(event.index, user))
    })
  }

  /** A user that gets its turn after its life's end, on a loop that stood still or a worker that is late, has nothing to begin any more. */
  #mayBegin(event: Event): boolean {
    return this.#isDue(event) && !this.#stopped && this.#mayGoOn(event.index) && !this.#members.has(event.index)
  }

  #isDue({ untilMs }: Event): boolean {
    return untilMs === null || this.#engine.clock.nowMs() < this.#startMs + untilMs
  }

  /** A user leaves by itself, before its planned life ends. */
  #leave(event: Event | undefined): void {
    if (!event || !this.#isDue(event)) return
    this.#engine.presence.settle()
    this.#left.add(lifeKey(event))
  }

  /** The life of a user that has left would have ended now. */
  #endLeft(event: Event): void {
    if (this.#left.has(lifeKey(event))) this.#forgetLeft(lifeKey(event))
  }

  #forgetLeft(key: string): void {
    this.#engine.presence.settle()
    this.#left.delete(key)
  }

  async #live(user: SimulatedUser, dueMs: number): Promise<void> {
    await user.start(dueMs)
    if (user.started) {
      this.#engine.userCodeRan()
      this.#engine.begun(user)
      while (!user.stopping && this.#mayGoOn(user.index)) {
        await user.iterate()
        this.#engine.userCodeRan()
        this.#iterations.set(user.index, (this.#iterations.get(user.index) ?? 0) + 1)
        if (this.#mayGoOn(user.index)) await user.waitBetween()
      }
    }
    await user.leave()
  }

  #mayGoOn(index: number): boolean {
    const cap = this.#engine.setup.plan.iterations ?? Number.POSITIVE_INFINITY
    return !this.#exhausted.has(index) && (this.#iterations.get(index) ?? 0) < cap
  }

  /** Asks a user to stop; it drains apart from those alive. */
  #retire(index: number, graceMs: number): void {
    const member = this.#members.get(index)
    if (!member) return
    const { user, life } = member
    this.#engine.presence.settle()
    this.#members.delete(index)
    this.#draining.add(user)
    void user.stop(graceMs, life).then(() => {
      this.#draining.delete(user)
      this.#checkDone()
    })
  }

  /** A user whose life ended by itself. */
  #gone(index: number, user: SimulatedUser): void {
    const member = this.#members.get(index)
    if (member?.user === user) {
      this.#leave(member.event)
      this.#engine.presence.settle()
      this.#members.delete(index)
    }
    this.#checkDone()
  }

  #checkDone(): void {
    if (this.#members.size > 0 || this.#draining.size > 0 || this.#begins.size > 0) return
    const ahead = this.#events.slice(this.#next).some((one) => one.begins && this.#mayGoOn(one.index))
    if (this.#stopped || (!ahead && this.#mayComeBackUntilMs() === undefined)) this.#resolveDone()
  }

  /**
   * Where the load was changed once it may be changed again: a worker whose users have all ended waits for that until the end of the run,
   * milliseconds since its start.
   */
  #mayComeBackUntilMs(): number | undefined {
    const { setup, fleet, clock } = this.#engine
    if (!fleet.changed) return undefined
    const { first, stride, count } = sliceOf(fleet, setup.slice)
    if (!Array.from({ length: count }, (_, k) => first + k * stride).some((index) => this.#mayGoOn(index)))
      return undefined
    const endMs = fleet.profile.endMs ?? Number.POSITIVE_INFINITY
    return clock.nowMs() - this.#startMs < endMs ? endMs : undefined
  }
}

/** When a life ends, that of an event which began it; now, where it is planned no more. */
function endOf(lives: ReadonlyMap<string, Event>, event: Event, nowMs: number): number | null {
  const life = lives.get(lifeKey(event))
  return life ? life.untilMs : nowMs
}

function isUnderWay(life: Event | undefined, nowMs: number): boolean {
  return life !== undefined && (life.untilMs === null || life.untilMs > nowMs)
}

function inTime(a: Event, b: Event): number {
  return a.atMs - b.atMs || Number(a.begins) - Number(b.begins) || a.index - b.index
}

function lifeKey(event: Event): string {
  return `${event.index}-${event.life}`
}
