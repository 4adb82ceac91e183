import { decodeShardState } from '../../core/shard/shard-codec.ts'
import { BurstError } from '../../core/errors.ts'
import { messageOf } from '../../core/verdict/loss.ts'
import { type Fleet, type FleetSlice, fleetAt, sliceOf } from '../../core/fleet/fleet.ts'
import { turnOf } from '../../core/fleet/turns.ts'
import { withFloors } from '../../core/fleet/floors.ts'
import type { AttemptLedger } from '../../core/shard/shard.ts'
import type { Control } from '../../core/fleet/control.ts'
import { keys } from '../keys.ts'
import { changeAsHolder } from './begin.ts'
import type { Coordination, FailedWorker } from './coordination.ts'
import { type SliceWatch, claimPatienceMs, fateOf, isNextDue, isSliceWhole } from './decisions.ts'
import { launchWorkers } from '../invocation.ts'
import type { KeptSlice } from './state.ts'

/** Body of a claim that the coordinator took away from a worker. */
const blocked = JSON.stringify({ by: 'coordinator' })
/** One look at a run tries so long to have a worker launched again, milliseconds; the next one goes on. */
const launchPatienceMs = 2_000
/** After this a slice that cannot be launched again is given up, milliseconds. */
const longestLaunchMs = 60_000

/** The slices of a run and what has become of each. */
export class WatchedSlices {
  readonly #run: Coordination
  readonly #watched: SliceWatch[] = []
  /** When the claim of a slice's attempt was due, by slice. */
  readonly #dueAt = new Map<number, number>()
  readonly #etags = new Map<number, string>()
  readonly #ledgers = new Map<number, AttemptLedger[]>()
  /** When this coordinator began to watch, epoch milliseconds: what an earlier one had not launched counts as launched then. */
  readonly #since: number
  /** Attempts whose invocation failed, `slice-attempt`. */
  #failed: ReadonlySet<string> = new Set()
  /** The fleet by the control that it follows from. */
  #known: { control: Control | undefined; fleet: Fleet } | undefined
  readonly #kept: ReadonlyMap<number, KeptSlice>
  /** An earlier coordinator may have taken a claim away and have been lost before it wrote that down. */
  #inherited: boolean
  /** When something new was last merged, epoch milliseconds. */
  lastNewsAt: number

  constructor(run: Coordination) {
    this.#run = run
    this.#inherited = run.role !== 'first'
    this.#since = run.env.clock.nowMs()
    this.lastNewsAt = this.#since
    this.#kept = new Map(run.slices.map((one) => [one.slice, one]))
    this.fleet()
  }

  /** The run's fleet, as the control says that was read last. Slices that are new in it are watched from here on. */
  fleet(): Fleet {
    const { plan, control } = this.#run
    if (this.#known && this.#known.control === control) return this.#known.fleet
    const fleet = fleetAt(plan, control)
    this.#known = { control, fleet }
    this.#watchAll(fleet)
    return fleet
  }

  #watchAll({ slices }: Fleet): void {
    const known = new Set(this.#watched.map(({ slice }) => slice))
    for (const one of slices) if (!known.has(one.slice)) this.#watched.push(this.#begin(one))
  }

  /** Slices of the plan were launched at the beginning of the run; those of an epoch are launched when they are seen. */
  #begin({ slice, floor }: FleetSlice): SliceWatch {
    const planned = this.#run.plan.slices.some((one) => one.slice === slice)
    const kept = this.#kept.get(slice)
    const { attempt = 0, launched = planned, lost = null, dueAt = null, replaces = false } = kept ?? {}
    if (dueAt !== null) this.#dueAt.set(slice, dueAt)
    const expected = Math.max(attempt, floor.attempt)
    const fresh = { claimed: false, reported: false, whole: false, abandoned: false }
    return { ...fresh, slice, attempt: expected, launched, lost, replaces }
  }

  /** What a successor could not find out by itself. */
  get kept(): KeptSlice[] {
    const planned = new Set(this.#run.plan.slices.map(({ slice }) => slice))
    const remarkable = this.#watched.filter(
      ({ slice, attempt, launched, lost }) => attempt > 0 || !launched || lost !== null || !planned.has(slice),
    )
    return remarkable.map(({ slice, attempt, launched, lost, replaces }) => ({
      slice,
      attempt,
      launched,
      replaces,
      dueAt: this.#dueAt.get(slice) ?? null,
      lost,
    }))
  }

  get watched(): readonly SliceWatch[] {
    return this.#watched
  }

  /** Whether every worker had ended by itself, and reported everything, by a moment in epoch milliseconds. */
  endedBy(at: number): boolean {
    const ledgers = [...this.#ledgers.values()].flat()
    return this.#watched.every((one) => one.whole) && ledgers.every(({ lastSentAt }) => lastSentAt <= at)
  }

  async readClaims(): Promise<void> {
    if (this.#watched.every((one) => one.claimed)) return
    const { plan, env } = this.#run
    const claims = new Set(await env.store.list(keys.claims(plan.run)))
    for (const one of this.#watched) {
      one.claimed = one.launched && claims.has(keys.claim(plan.run, one.slice, one.attempt))
    }
    if (this.#inherited) await this.#readBlocks()
    this.#inherited = false
  }

  /** Reads the shards that have changed. */
  async readLedgers(): Promise<void> {
    const shards = Array.from({ length: this.fleet().shards }, (_, shard) => shard)
    const news = await Promise.all(shards.map((shard) => this.#readShard(shard)))
    if (!news.includes(true)) return
    this.lastNewsAt = this.#run.env.clock.nowMs()
    const bySlice = Map.groupBy([...this.#ledgers.values()].flat(), (ledger) => ledger.slice)
    for (const one of this.#watched) {
      const mine = bySlice.get(one.slice) ?? []
      one.reported = mine.some(({ attempt }) => attempt === one.attempt)
      one.whole = isSliceWhole(one, mine, (attempt) => this.#failed.has(`${one.slice}-${attempt}`))
    }
  }

  /** Decides on slices that were not claimed, or whose worker failed: launched once more, or given up. */
  async settle(control: Control): Promise<void> {
    const { startAt, stop } = control
    const failures = new Map((await this.#run.failedWorkers()).map((one) => [`${one.slice}-${one.attempt}`, one]))
    this.#failed = new Set(failures.keys())
    for (const one of this.#watched) {
      const failure = failures.get(`${one.slice}-${one.attempt}`)
      if (stop) await this.#abandon(one, failure)
      else await this.#decide(one, failure, startAt)
    }
    await this.#raiseFloors()
    this.#turnToNext(control)
    if (!stop) await this.#launchLeft(startAt)
  }

  /** Before an attempt is launched that replaces another one, the control says so: whatever the other one is, it sends nothing more. */
  async #raiseFloors(): Promise<void> {
    const fleet = this.fleet()
    const floorOf = (slice: number): number => sliceOf(fleet, slice).floor.attempt
    const due = this.#watched.filter(({ slice, attempt, replaces }) => replaces && attempt > floorOf(slice))
    if (due.length === 0) return
    const sinceOf = (one: SliceWatch): number => turnOf(fleet, sliceOf(fleet, one.slice), one.attempt - 1)?.fromMs ?? 0
    const raised = due.map((one) => ({ slice: one.slice, attempt: one.attempt, sinceMs: sinceOf(one) }))
    await changeAsHolder(this.#run, (before, nowMs) => {
      const passedMs = Math.round(nowMs - before.startAt)
      return withFloors(
        before,
        raised.map((floor) => ({ ...floor, sinceMs: Math.max(floor.sinceMs, passedMs) })),
      )
    })
  }

  /** The worker that is to take a slice over is invoked early. */
  #turnToNext(control: Control): void {
    const nowMs = this.#run.env.clock.nowMs()
    const { aheadMs } = this.#run.plan.handOver ?? {}
    if (aheadMs === undefined) return
    const fleet = this.fleet()
    for (const one of this.#watched) {
      if (!isNextDue(one, { fleet, control, nowMs, aheadMs })) continue
      this.#dueAt.set(one.slice, nowMs)
      Object.assign(one, {
        attempt: one.attempt + 1,
        launched: false,
        claimed: false,
        reported: false,
        replaces: false,
      })
    }
  }

  /** A run that is being stopped does not wait for slices that have not begun. */
  async #abandon(one: SliceWatch, failure: FailedWorker | undefined): Promise<void> {
    if (one.lost !== null || one.whole) return
    if (one.claimed && failure) this.#giveUp(one, failure.error)
    else if (!one.claimed && (await this.#block(one))) this.#abandonUnclaimed(one)
  }

  /** A slice that nobody had begun is lost; one whose next worker had not come ends with the worker that it has. */
  #abandonUnclaimed(one: SliceWatch): void {
    const ledgers = [...this.#ledgers.values()].flat().filter(({ slice }) => slice === one.slice)
    if (ledgers.length === 0) one.lost = 'the run was stopped before it began'
    one.abandoned = true
  }

  async #decide(one: SliceWatch, failure: FailedWorker | undefined, startAt: number): Promise<void> {
    if (!one.launched) return
    const nowMs = this.#run.env.clock.nowMs()
    const turnAt = startAt + this.#turnOf(one)
    const fate = fateOf(one, { nowMs, startAt: turnAt, dueAt: this.#dueOf(one, turnAt, startAt), failure })
    if (fate === 'wait' || (!one.claimed && !(await this.#block(one)))) return
    const because = failure?.error ?? 'no worker claimed it in time'
    if (fate === 'give up') this.#giveUp(one, because)
    else this.#replace(one, because)
  }

  /** When the turn of its attempt begins, milliseconds since the start. */
  #turnOf({ slice, attempt }: SliceWatch): number {
    const fleet = this.fleet()
    return turnOf(fleet, sliceOf(fleet, slice), attempt)?.fromMs ?? 0
  }

  /** A worker that is to take over must be there by then; it is replaced in time if it is not. */
  #dueOf({ slice }: SliceWatch, turnAt: number, startAt: number): number {
    const earliest = turnAt > startAt ? turnAt - claimPatienceMs : startAt
    return Math.max(earliest, this.#dueAt.get(slice) ?? this.#since)
  }

  /** Takes the claim away from a late worker, so that no slice runs twice. False: the worker has claimed the slice meanwhile. */
  async #block(one: SliceWatch): Promise<boolean> {
    const { plan, env } = this.#run
    const key = keys.claim(plan.run, one.slice, one.attempt)
    const won = (await env.store.put(key, blocked, { ifAbsent: true })) !== undefined
    one.claimed = !won
    return won
  }

  /** Finds the claims that an earlier coordinator took away before it replaced the worker or gave the slice up. */
  async #readBlocks(): Promise<void> {
    const { plan, env } = this.#run
    await this.readLedgers()
    const doubtful = this.#watched.filter((one) => one.claimed && one.lost === null && !one.reported)
    const inTurn = async (): Promise<void> => {
      for (let one = doubtful.pop(); one; one = doubtful.pop()) {
        const claim = await env.store.get(keys.claim(plan.run, one.slice, one.attempt))
        if (claim?.body !== blocked) continue
        if (!one.replaces) this.#replace(one, 'no worker claimed it in time')
        else this.#giveUp(one, 'no worker claimed it in time')
      }
    }
    await Promise.all(Array.from({ length: 16 }, inTurn))
  }

  /** The next attempt is launched as soon as possible. Until it is launched, the run does not wait for this slice. */
  #replace(one: SliceWatch, because: string): void {
    this.#run.replaced.add(`${one.slice}-${one.attempt}`)
    this.#dueAt.set(one.slice, this.#run.env.clock.nowMs())
    Object.assign(one, { attempt: one.attempt + 1, launched: false, claimed: false, reported: false, replaces: true })
    this.#run.tell(`slice ${one.slice} is started again: ${because}`)
  }

  async #launchLeft(startAt: number): Promise<void> {
    const left = this.#watched.filter((one) => !one.launched && one.lost === null)
    for (const [attempt, group] of Map.groupBy(left, (one) => one.attempt)) {
      try {
        const slices = group.map(({ slice }) => slice)
        await launchWorkers(this.#run, slices, { attempt, startAt, patienceMs: launchPatienceMs })
        for (const one of group) this.#launched(one)
      } catch (error) {
        for (const one of group) this.#notLaunched(one, error)
      }
    }
  }

  #launched(one: SliceWatch): void {
    one.launched = true
    this.#dueAt.set(one.slice, this.#run.env.clock.nowMs())
  }

  /** The next look tries again, for a while. */
  #notLaunched(one: SliceWatch, error: unknown): void {
    const overdue = this.#run.env.clock.nowMs() - (this.#dueAt.get(one.slice) ?? 0) > longestLaunchMs
    if (overdue || error instanceof BurstError) this.#giveUp(one, `it could not be started again: ${messageOf(error)}`)
  }

  #giveUp(one: SliceWatch, because: string): void {
    if (one.lost !== null) return
    one.lost = because
    this.#run.tell(`the worker of slice ${one.slice} is lost: ${because}`)
  }

  async #readShard(shard: number): Promise<boolean> {
    const { plan, env } = this.#run
    const stored = await env.store.get(keys.shard(plan.run, shard))
    if (!stored || stored.etag === this.#etags.get(shard)) return false
    this.#etags.set(shard, stored.etag)
    this.#ledgers.set(shard, [...decodeShardState(stored.body).attempts.values()])
    return true
  }
}
