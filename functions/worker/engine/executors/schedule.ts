import { sliceOf } from '../../../../core/fleet/fleet.ts'
import { dueAfterPauses } from '../../../../core/fleet/changes/pause.ts'
import { type Life, livesOf, steepestRise } from '../../../../core/plan/load/load.ts'
import { type EngineTurn, Inheritance } from '../handover/inheritance.ts'
import type { CarriedUser } from '../handover/carried-user.ts'
import type { ExecutorContext } from './executor.ts'

/** A worker that is late by at least this number of milliseconds starts its due users gradually instead of all at once. */
const lateMs = 1_000
/** The shortest time, in milliseconds, over which a late worker starts its due users. */
const joinMs = 5_000
/**
 * The maximum number of lives of one user in one attempt. If a new life replaces a lost life, the new life gets a number that no other life of the
 * user has. Otherwise, the user would draw the random numbers of the lost life again.
 */
const livesPerAttempt = 1_000_000

export interface Event {
  atMs: number
  index: number
  life: number
  /** `true` for the beginning of a life, `false` for the end of a life. */
  begins: boolean
  /** The end of the life; null if the life lasts until the run is stopped. */
  untilMs: number | null
  /** The number of the new life that replaces this life. Set only if the previous worker could not hand the user over. */
  anew?: number
}

/** The services of the engine that a schedule uses. */
type ScheduleContext = Pick<ExecutorContext, 'setup' | 'fleet'> & {
  readonly clock: { nowMs(): number }
  readonly recorder: { countUsers(what: 'late', count: number): void }
}

export function lifeKey(event: Event): string {
  return `${event.index}-${event.life}`
}

/** Returns an event that begins a new life. The new life replaces the life of `begin`, which this worker could not take over. */
export function anew(begin: Event, attempt: number): Event {
  return { ...begin, anew: begin.life + livesPerAttempt * attempt }
}

/** The times at which the users of a slice begin and end, in chronological order. */
export class Schedule {
  readonly events: Event[] = []
  /** The keys of the planned lives that ended early in the previous worker, because their users left by themselves. */
  readonly left: string[] = []
  /**
   * The lives that this worker takes over, by the index of the user. `pending` contains the users that the previous worker has not handed over yet.
   */
  readonly heirs = new Map<number, Event>()
  readonly pending: number[] = []
  /** The users that continue immediately. */
  readonly carried: CarriedUser[]
  /** The users whose previous life has passed its planned end, but has not ended in the previous worker yet. */
  readonly ending: readonly number[]
  readonly #engine: ScheduleContext
  readonly #turn: EngineTurn
  readonly #inheritance: Inheritance

  constructor(engine: ScheduleContext, turn: EngineTurn, startMs: number) {
    this.#engine = engine
    this.#turn = turn
    this.#inheritance = new Inheritance(turn)
    this.carried = this.#inheritance.carried
    const lives = plannedLives(engine, turn)
    const events = [...lives.flatMap((begin) => this.#beginOf(begin)), ...endsOf(lives)]
    this.ending = this.#inheritance.endingBut(this.heirs)
    this.events = this.#gently(events, engine.clock.nowMs() - startMs).sort(inTime)
  }

  /**
   * Returns a list with the event that begins a life in this worker. The list is empty if the worker takes over a life that has begun, or if the user
   * has left.
   */
  #beginOf(begin: Event): Event[] {
    const { index } = begin
    const fate = begin.atMs < this.#turn.fromMs ? this.#inheritance.fateOf(index) : 'planned'
    if (fate === 'planned') return [begin]
    if (fate === 'anew') return [anew(begin, this.#engine.setup.attempt)]
    if (fate === 'left') this.left.push(lifeKey(begin))
    else this.heirs.set(index, begin)
    if (fate === 'pending') this.pending.push(index)
    return []
  }

  /**
   * If the worker begins late, delays the starts of its due users. They start one after another, at a rate that does not exceed the highest rate of
   * the profile. After a hand-over, also spreads the starts of new lives over time.
   */
  #gently(events: Event[], lateBy: number): Event[] {
    const { fromMs, inherited } = this.#turn
    if (inherited !== null && inherited !== 'nobody') return this.#gentlyAfterHandOver(events, lateBy)
    if (fromMs === 0 && lateBy < lateMs) return events
    const ended = new Set(events.filter((one) => !one.begins && one.atMs <= lateBy).map(lifeKey))
    const due = events.filter((one) => one.begins && one.atMs <= lateBy && !ended.has(lifeKey(one))).sort(inTime)
    this.#countLate(due)
    const left = events.filter((one) => !ended.has(lifeKey(one)))
    return spread(left, due, { fromMs: lateBy, overMs: this.#joinOver(due.length) })
  }

  /**
   * Delays the starts of new lives. Also delays the starts of users that should have started in the previous worker. The previous worker was late, so
   * it did not start these users, but it has already counted them as late.
   */
  #gentlyAfterHandOver(events: readonly Event[], lateBy: number): Event[] {
    const { fromMs } = this.#turn
    const due = events.filter(
      (one) => one.begins && !isAnew(one) && one.atMs < lateBy - lateMs && isUnderWay(one, lateBy),
    )
    this.#countLate(due.filter(({ atMs }) => atMs >= fromMs))
    const overdue = due.filter(({ atMs }) => atMs < fromMs - lateMs).sort(inTime)
    const gentle = spread(events, overdue, { fromMs: lateBy, overMs: this.#joinOver(overdue.length) })
    return spread(gentle, gentle.filter(isAnew), this.#anewOver(lateBy))
  }

  /** Counts the users in `due` as late. Does not count users that are due after this turn, because the next worker counts them. */
  #countLate(due: readonly Event[]): void {
    if (this.#turn.isStopping) return
    const untilMs = this.#turn.untilMs ?? Infinity
    this.#engine.recorder.countUsers('late', due.filter(({ atMs }) => atMs < untilMs).length)
  }

  /**
   * Returns the time, in milliseconds, over which late users begin: `joinMs`, or the time that the users need at the highest rate of the profile,
   * whichever is longer.
   */
  #joinOver(users: number): number {
    const { unpaused, slices } = this.#engine.fleet
    const fleetRise = steepestRise(unpaused)
    const rise = Number.isFinite(fleetRise) && fleetRise > 0 ? fleetRise / slices.length : Infinity
    return Math.max(joinMs, (users / rise) * 1000)
  }

  /** Returns the time over which new lives begin: `joinMs` or a fifth of the turn, whichever is shorter. */
  #anewOver(nowMs: number): { fromMs: number; overMs: number } {
    const { fromMs, untilMs } = this.#turn
    return { fromMs: nowMs, overMs: Math.min(joinMs, ((untilMs ?? Infinity) - fromMs) / 5) }
  }
}

export function isAnew({ anew }: Event): boolean {
  return anew !== undefined
}

/** Delays the events in `some`. The first event moves to `fromMs`. The others follow at equal intervals, all before `fromMs + overMs`. */
function spread(
  events: readonly Event[],
  some: readonly Event[],
  { fromMs, overMs }: { fromMs: number; overMs: number },
): Event[] {
  const delayed = new Map(some.map((one, place) => [one, fromMs + (place / some.length) * overMs]))
  return events.map((one) => ({ ...one, atMs: delayed.get(one) ?? one.atMs }))
}

/** Returns the beginning of each life of a slice's users. Lives that end before the worker's turn are left out. */
export function plannedLives(
  { setup, fleet }: Pick<ExecutorContext, 'setup' | 'fleet'>,
  { fromMs: turnMs }: EngineTurn,
): Event[] {
  const mine = sliceOf(fleet, setup.slice)
  const indexes = Array.from({ length: mine.count }, (_, k) => mine.first + k * mine.stride)
  const lives = indexes.flatMap((index) =>
    livesOf(fleet.unpaused, index).flatMap((life, number) => heldLife(fleet, { index, number, life })),
  )
  return turnMs === 0 ? lives : lives.filter((one) => isUnderWay(one, turnMs))
}

/**
 * Returns a planned life, adjusted to the pauses of the run. If the life begins or ends while a pause holds the user, the beginning or the end moves
 * to the time at which the user continues. Returns an empty list if nothing of the life remains.
 */
function heldLife(
  { pauses, profile }: ExecutorContext['fleet'],
  { index, number, life }: { index: number; number: number; life: Life },
): Event[] {
  const endMs = profile.endMs ?? Number.POSITIVE_INFINITY
  const fromMs = dueAfterPauses(pauses, index, life.fromMs)
  const lastMs = Math.min(dueAfterPauses(pauses, index, life.untilMs ?? Number.POSITIVE_INFINITY), endMs)
  if (fromMs >= lastMs) return []
  return [{ atMs: fromMs, index, life: number, begins: true, untilMs: Number.isFinite(lastMs) ? lastMs : null }]
}

function endsOf(lives: readonly Event[]): Event[] {
  return lives.flatMap((one) => (one.untilMs === null ? [] : [{ ...one, atMs: one.untilMs, begins: false }]))
}

/**
 * Returns the remaining events after a change of the load. If a life has a begin event in `waiting`, the life keeps the time of this event. A life
 * for which `hasBegun` returns true does not begin again.
 */
export function replanned(
  lives: readonly Event[],
  { waiting, hasBegun, nowMs }: { waiting: readonly Event[]; hasBegun: (key: string) => boolean; nowMs: number },
): Event[] {
  // A late worker has delayed the starts of its users. Users that have not started yet keep their delayed times.
  const turns = new Map(waiting.filter((one) => one.begins).map((one) => [lifeKey(one), one]))
  const begins = lives.filter((one) => !hasBegun(lifeKey(one)) && isUnderWay(one, nowMs))
  const kept = begins.map((one) => {
    const { atMs, ...turn } = turns.get(lifeKey(one)) ?? one
    return { ...turn, atMs, untilMs: one.untilMs }
  })
  return [...kept, ...endsOf(lives).filter((one) => one.atMs > nowMs)].sort(inTime)
}

/**
 * Returns the moment until which the load of a slice may be changed again, in milliseconds since the start of the run; Infinity if the run has no
 * planned end. Returns undefined in three cases: the load was never changed or paused, the run has ended, or all users of the slice have used up
 * their iterations or data.
 */
export function mayChangeUntilMs(
  { setup, fleet }: Pick<ExecutorContext, 'setup' | 'fleet'>,
  nowMs: number,
  mayGoOn: (index: number) => boolean,
): number | undefined {
  const { first, stride, count } = sliceOf(fleet, setup.slice)
  if (!fleet.changed || !Array.from({ length: count }, (_, k) => first + k * stride).some(mayGoOn)) return undefined
  const endMs = fleet.profile.endMs ?? Number.POSITIVE_INFINITY
  return nowMs < endMs ? endMs : undefined
}

/** Returns the planned end of the life of `event`; `nowMs` if the current plan does not contain this life. */
export function lifeEnd(lives: ReadonlyMap<string, Event>, event: Event, nowMs: number): number | null {
  const life = lives.get(lifeKey(event))
  return life ? life.untilMs : nowMs
}

/** Returns whether a life lasts beyond `nowMs`. */
export function isUnderWay(life: Event | undefined, nowMs: number): boolean {
  return life !== undefined && (life.untilMs === null || life.untilMs > nowMs)
}

function inTime(a: Event, b: Event): number {
  return a.atMs - b.atMs || Number(a.begins) - Number(b.begins) || a.index - b.index
}
