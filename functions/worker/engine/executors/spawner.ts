import { clearTimeout, setImmediate, setTimeout } from '../../../guard/built-ins.ts'
import { sliceOf } from '../../../../core/fleet/fleet.ts'
import { type Life, livesOf, steepestRise } from '../../../../core/plan/load.ts'
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
  /** Users that are due and wait for their turn. */
  #begins = 0
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
    const { setup, fleet } = this.#engine
    const mine = sliceOf(fleet, setup.slice)
    const events: Event[] = []
    for (let k = 0; k < mine.count; k++) {
      const index = mine.first + k * mine.stride
      livesOf(fleet.profile, index).forEach((life, number) => pushLife(events, index, life, number))
    }
    events.sort((a, b) => a.atMs - b.atMs || Number(a.begins) - Number(b.begins) || a.index - b.index)
    return this.#gently(events)
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
    const event = this.#events[this.#next]
    if (!event || this.#stopped) return this.#checkDone()
    const waitMs = this.#startMs + event.atMs - this.#engine.clock.nowMs()
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
    this.#begins++
    this.#engine.ready.push(dueMs, (lagMs) => {
      this.#begins--
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
    if (!this.#left.has(lifeKey(event))) return
    this.#engine.presence.settle()
    this.#left.delete(lifeKey(event))
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
    if (this.#members.size > 0 || this.#draining.size > 0 || this.#begins > 0) return
    const ahead = this.#events.slice(this.#next).some((one) => one.begins && this.#mayGoOn(one.index))
    if (this.#stopped || !ahead) this.#resolveDone()
  }
}

function pushLife(events: Event[], index: number, life: Life, number: number): void {
  const { fromMs, untilMs } = life
  events.push({ atMs: fromMs, index, life: number, begins: true, untilMs })
  if (untilMs !== null) events.push({ atMs: untilMs, index, life: number, begins: false, untilMs })
}

function lifeKey(event: Event): string {
  return `${event.index}-${event.life}`
}
