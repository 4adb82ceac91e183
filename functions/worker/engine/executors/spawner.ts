import { clearTimeout, setImmediate, setTimeout } from '../../../guard/built-ins.ts'
import type { Census } from '../counting/presence.ts'
import type { CarriedUser, HandOverPart } from '../handover/carried-user.ts'
import { Departure, type Outcome } from '../handover/departure.ts'
import { Heirs, carryingMs } from '../handover/heirs.ts'
import { type EngineTurn, wholeTurn } from '../handover/inheritance.ts'
import { unpackUser } from '../handover/pack.ts'
import { Allowance } from './allowance.ts'
import { Draining } from './draining.ts'
import { type LifeHost, live, userOf } from './life.ts'
import { LeftLives } from './left-lives.ts'
import type { Executor, ExecutorContext } from './executor.ts'
import { type Event, Schedule, anew, lifeEnd, lifeKey, mayChangeUntilMs, plannedLives, replanned } from './schedule.ts'
import type { RunningUser } from '../users/context.ts'
import type { SimulatedUser } from '../users/simulated-user.ts'

interface Member {
  user: SimulatedUser
  /** The event that began the user's life. */
  event: Event
  life: Promise<void>
}

/** A user that begins at most `onTimeMs` after `fromMs` counts as present from `fromMs`. */
type Present = readonly [fromMs: number, onTimeMs?: number]

/**
 * The closed model. The profile determines when the lives of each user of the slice begin and end. The executor starts and stops the users at these
 * times.
 */
export class Spawner implements Executor {
  readonly #ended = Promise.withResolvers<void>()
  readonly done = this.#ended.promise
  readonly #engine: ExecutorContext
  #events: readonly Event[] = []
  #next = 0
  #startMs = 0
  #timer: NodeJS.Timeout | undefined
  readonly #members = new Map<number, Member>()
  readonly #draining = new Draining()
  readonly #allowance: Allowance
  readonly #left: LeftLives
  readonly #host: LifeHost
  /** The lives that are due and wait in the queue to begin. */
  readonly #begins = new Set<Event>()
  #stopped = false
  #turn: EngineTurn = wholeTurn
  readonly #heirs: Heirs
  #departure: Departure | undefined
  #cut: NodeJS.Timeout | undefined

  constructor(engine: ExecutorContext) {
    this.#engine = engine
    this.#allowance = new Allowance(engine.setup.plan.iterations)
    this.#left = new LeftLives(engine)
    this.#host = { engine, allowance: this.#allowance, departure: () => this.#departure }
    this.#heirs = new Heirs({
      engine,
      draining: this.#draining,
      mayGoOn: (event) => !this.#stopped && this.#isDue(event) && this.#allowance.mayGoOn(event.index),
      goOn: (event, carried) => this.#goOn(event, carried),
      beginAnew: (event) => this.#beginAnew(event),
      leave: (event) => this.#leave(event),
      departure: () => this.#departure,
      checkDone: () => this.#checkDone(),
    })
  }

  take(turn: EngineTurn): void {
    this.#turn = turn
    this.#allowance.take(turn)
  }

  startAt(startMs: number): void {
    clearTimeout(this.#timer)
    this.#startMs = startMs
    const schedule = new Schedule(this.#engine, this.#turn, startMs)
    this.#events = schedule.events
    this.#next = 0
    for (const key of schedule.left) this.#left.add(key)
    this.#heirs.take(schedule)
    this.#arm()
  }

  replan(): void {
    // A worker ignores changes of the fleet until its turn begins. At the beginning of the turn, it reads the current fleet.
    if (this.#stopped || this.#departure || this.#startMs === 0) return
    clearTimeout(this.#timer)
    const nowMs = this.#nowMs
    const planned = plannedLives(this.#engine, this.#turn)
    const lives = new Map(planned.map((event) => [lifeKey(event), event]))
    for (const [index, member] of this.#members) this.#reschedule(index, member, lives, nowMs)
    const under = [...this.#begins, ...this.#heirs.events]
    for (const event of under) event.untilMs = lifeEnd(lives, event, nowMs)
    this.#left.keepPlanned(lives, nowMs)
    const begun = new Set([...[...this.#members.values()].map(({ event }) => event), ...under].map(lifeKey))
    const hasBegun = (key: string): boolean => begun.has(key) || this.#left.has(key)
    this.#events = replanned(planned, { waiting: this.#events.slice(this.#next), hasBegun, nowMs })
    this.#next = 0
    this.#arm()
  }

  /** Sets the new end of a present user, and stops the user if this end has passed. */
  #reschedule(index: number, { event }: Member, lives: ReadonlyMap<string, Event>, nowMs: number): void {
    event.untilMs = lifeEnd(lives, event, nowMs)
    if (event.untilMs !== null && event.untilMs <= nowMs) this.#retire(index, this.#engine.setup.plan.timing.drainMs)
  }

  inherit(part: HandOverPart | null): void {
    this.#heirs.inherit(part)
  }

  depart(tell: (part: HandOverPart) => void): void {
    this.#engine.presence.sample()
    this.#engine.presence.settle()
    this.#departure = new Departure(tell, [...this.#members.keys(), ...this.#heirs.awaited], {
      ...this.#left.carried([...this.#begins, ...this.#events.slice(this.#next)], this.#nowMs),
      ...this.#allowance.carried,
      ending: this.#heirs.endingWith([...this.#members.values()].map(({ event }) => event)),
    })
    for (const { user } of this.#members.values()) user.depart()
    // A user that does not finish its iteration within `drainMs` begins a new life in the next worker.
    this.#cut = setTimeout(() => {
      for (const index of this.#members.keys()) this.#retire(index, 0, 'anew')
    }, this.#engine.setup.plan.timing.drainMs)
    this.#checkDone()
  }

  stop(graceMs: number, skipOnStop = false): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#heirs.stop(graceMs, skipOnStop)
    for (const { user } of this.#members.values()) user.skipsOnStop ||= skipOnStop
    this.#draining.hurry(graceMs, skipOnStop)
    for (const index of this.#members.keys()) this.#retire(index, graceMs)
    this.#checkDone()
  }

  leaveEarly(user: RunningUser, forGood: boolean): void {
    if (forGood) this.#allowance.exhaust(user.index)
    // `setImmediate` lets the user's code return before the user is stopped.
    setImmediate(() => {
      this.#leave(this.#members.get(user.index)?.event)
      this.#retire(user.index, this.#engine.setup.plan.timing.drainMs)
    })
  }

  census(): Census {
    const users = this.#members.size - this.#engine.gate.held
    return { users, draining: this.#draining.size, leftAt: this.#left.sizeAt }
  }

  catchUp(): void {
    if (this.#stopped || this.#startMs === 0) return
    clearTimeout(this.#timer)
    this.#due()
  }

  *present(): Generator<SimulatedUser> {
    for (const { user } of this.#members.values()) yield user
  }

  /** The time since the start of the run, in milliseconds. */
  get #nowMs(): number {
    return this.#engine.clock.nowMs() - this.#startMs
  }

  #arm(): void {
    const atMs = this.#events[this.#next]?.atMs ?? this.#waitsUntilMs
    if (atMs === undefined || this.#stopped) return this.#checkDone()
    const waitMs = this.#startMs + atMs - this.#engine.clock.nowMs()
    // The delay is limited, because setTimeout accepts at most 2^31 − 1 ms.
    this.#timer = setTimeout(() => this.#due(), Math.min(Math.max(0, waitMs), 2_000_000_000))
  }

  /** The end of the time in which the load may change again. Until then, the worker waits for a change, even if all its users have ended. */
  get #waitsUntilMs(): number | undefined {
    return mayChangeUntilMs(this.#engine, this.#nowMs, (index) => this.#allowance.mayGoOn(index))
  }

  #due(): void {
    const nowMs = this.#engine.clock.nowMs()
    for (let event = this.#events[this.#next]; event; event = this.#events[this.#next]) {
      const dueMs = this.#startMs + event.atMs
      if (dueMs > nowMs) break
      this.#next++
      if (event.begins) this.#begin(event, dueMs)
      else {
        this.#heirs.over(event.index)
        this.#retire(event.index, this.#engine.setup.plan.timing.drainMs)
        this.#left.end(event)
      }
    }
    this.#arm()
  }

  #begin(event: Event, dueMs: number): void {
    // A life that is due after the turn of this worker begins in the next worker.
    if (this.#departure) return
    this.#begins.add(event)
    this.#engine.ready.push(dueMs, (lagMs) => {
      const former = this.#heirs.endOfFormer(event.index)
      if (former && this.#mayBegin(event)) return void this.#beginAfter(former, event)
      this.#begins.delete(event)
      if (!this.#mayBegin(event)) {
        if (!this.#allowance.mayGoOn(event.index) && this.#isDue(event)) this.#leave(event)
        return this.#checkDone()
      }
      const user = userOf(event, this.#engine, event.anew ?? event.life)
      if (event.anew !== undefined) this.#engine.recorder.countUsers('begunAnew')
      user.pace.noteLag(lagMs)
      this.#enter({ user, event }, () => live(user, this.#host, { dueMs, carried: false }), [dueMs])
    })
  }

  /** Begins a life after the user's previous life has ended. Two lives of one user must not send requests at the same time. */
  async #beginAfter(former: Promise<void>, event: Event): Promise<void> {
    await this.#left.wait(event, former)
    this.#begins.delete(event)
    this.#begin(event, this.#engine.clock.nowMs())
    this.#checkDone()
  }

  #beginAnew(event: Event): void {
    this.#begin(anew(event, this.#engine.setup.attempt), this.#engine.clock.nowMs())
  }

  #enter({ user, event }: Omit<Member, 'life'>, begin: () => Promise<void>, present: Present): void {
    const { presence, gate } = this.#engine
    presence.settle()
    const life = this.#engine.asUser(user, begin)
    this.#members.set(user.index, { user, event, life })
    void life.then(() => this.#gone(user.index, user))
    if (!gate.rests(user) && !user.failing) presence.begun(...present)
  }

  /** Continues a user of the previous worker. */
  #goOn(event: Event, carried: CarriedUser): void {
    if (!this.#mayBegin(event)) return this.#checkDone()
    const user = userOf(event, this.#engine, carried.life)
    if (!unpackUser(user, carried, this.#engine)) return this.#beginAnew(event)
    if (user.started) this.#engine.recorder.countUsers('carried')
    const present = [this.#startMs + carried.handedMs, carryingMs] as const
    const dueMs = this.#startMs + carried.dueMs
    this.#enter({ user, event }, () => live(user, this.#host, { dueMs, carried: true }), present)
  }

  /** Returns whether the life may still begin. When the event loop was blocked or the worker is late, the planned end of the life may have passed. */
  #mayBegin(event: Event): boolean {
    const mayBegin = !this.#stopped && !this.#departure && !this.#members.has(event.index)
    return mayBegin && this.#isDue(event) && this.#allowance.mayGoOn(event.index)
  }

  #isDue({ untilMs }: Event): boolean {
    return untilMs === null || this.#engine.clock.nowMs() < this.#startMs + untilMs
  }

  /** Records that a user left by itself before its planned life ended. */
  #leave(event: Event | undefined): void {
    if (event && this.#isDue(event)) this.#left.add(lifeKey(event))
  }

  /**
   * Asks a user to stop. From now on, the user counts as draining, and no longer as alive. During a hand-over, `outcome` is reported for the user.
   * The default outcome is `left` if the user left by itself, otherwise `over`.
   */
  #retire(index: number, graceMs: number, outcome?: Outcome): void {
    const member = this.#members.get(index)
    if (!member) return
    const { user, life, event } = member
    this.#engine.presence.settle()
    this.#engine.gate.leaves(user)
    this.#engine.failing.remove(user)
    this.#members.delete(index)
    void this.#draining.stop(user, graceMs, life).then(() => {
      this.#departure?.gone(index, outcome ?? (this.#left.has(lifeKey(event)) ? 'left' : 'over'))
      this.#checkDone()
    })
  }

  /** Removes a user that has ended by itself or was handed over. */
  #gone(index: number, user: SimulatedUser): void {
    const member = this.#members.get(index)
    if (member?.user === user) {
      const goesOn = this.#departure !== undefined && this.#allowance.mayGoOn(index)
      if (!goesOn) this.#leave(member.event)
      this.#engine.presence.settle()
      this.#members.delete(index)
      this.#departure?.gone(index, goesOn ? 'anew' : 'left')
    }
    this.#checkDone()
  }

  #checkDone(): void {
    if (this.#members.size + this.#draining.size + this.#begins.size + this.#heirs.size > 0) return
    const ahead = this.#events.slice(this.#next).some((one) => one.begins && this.#allowance.mayGoOn(one.index))
    if (!this.#stopped && !this.#departure && (ahead || this.#waitsUntilMs !== undefined)) return
    clearTimeout(this.#cut)
    this.#heirs.close()
    this.#departure?.end()
    this.#ended.resolve()
  }
}
