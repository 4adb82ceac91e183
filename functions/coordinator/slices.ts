import pMap from 'p-map'
import { textCaps } from '../../core/input/bounds.ts'
import { BurstError } from '../../core/errors.ts'
import { messageOf } from '../../core/verdict/completeness/loss.ts'
import { type Fleet, type FleetSlice, fleetAt, sliceOf } from '../../core/fleet/fleet.ts'
import { turnOf } from '../../core/fleet/turns.ts'
import type { Control } from '../../core/fleet/control.ts'
import type { AttemptLedger, ShardState } from '../../core/shard/shard.ts'
import { keys } from '../keys.ts'
import { blockedClaim, claimsOf } from './claims.ts'
import type { Coordination, FailedWorker } from './coordination.ts'
import { isNextDue, judgeByLedgers } from './decisions.ts'
import { type Circumstances, claimPatienceOf, fateOf, hasSentNothing, unclaimed } from './losses/fate.ts'
import { Hearing, silenceInWords } from './losses/hearing.ts'
import { type SliceWatch, hasHistory, isUsedUp, keptOf, nextOf, recently, watchOf } from './losses/slice-watch.ts'
import { isFloorRaised, launchDue, noticeMsOf, raiseFloors } from './replace.ts'
import type { KeptSlice } from './state.ts'

/** If the coordinator fails to launch the next worker of a slice for more than this many milliseconds, the slice is given up. */
const longestLaunchMs = 60_000

/** The slices of a run and their state. */
export class WatchedSlices {
  readonly #run: Coordination
  readonly #watched: SliceWatch[] = []
  /** For each slice, the earliest time (epoch milliseconds) at which the claim of the current attempt is due (`#dueOf`). */
  readonly #dueAt = new Map<number, number>()
  /** For each slice, the time (epoch milliseconds) at which the coordinator found the claim of the current attempt. */
  readonly #claimedAt = new Map<number, number>()
  readonly #hearing: Hearing
  /** Slices whose replaced worker may still be alive. Such a worker may send messages until it notices the replacement. */
  readonly #doubtful = new Set<number>()
  /**
   * The time, in epoch milliseconds, at which this coordinator began to watch. If the launch time of a slice is unknown, the slice counts as launched
   * at this time.
   */
  readonly #since: number
  /** The attempts whose invocation failed, each in the form `slice-attempt`. */
  #failed: ReadonlySet<string> = new Set()
  /** The last control file, and the fleet that was computed from it. */
  #known: { control: Control | undefined; fleet: Fleet } | undefined
  readonly #kept: ReadonlyMap<number, KeptSlice>
  /** `true` if an earlier coordinator may have blocked a claim, but was lost before it stored this fact. */
  #inherited: boolean

  /**
   * Creates the state of all slices.
   * @param onShard receives each shard state that was read
   */
  constructor(run: Coordination, onShard?: (state: ShardState) => void) {
    this.#run = run
    this.#hearing = new Hearing(run, onShard)
    this.#inherited = run.role !== 'first'
    this.#since = run.env.clock.nowMs()
    this.#kept = new Map(run.slices.map((one) => [one.slice, one]))
    this.fleet()
  }

  /** Returns the run's fleet according to the latest control file. New slices are watched from now on. */
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

  /**
   * Begins to watch a slice. The slices of the plan were launched at the beginning of the run. Slices that are added during the run, by a change of
   * the load, are launched when the coordinator first sees them.
   */
  #begin(one: FleetSlice): SliceWatch {
    const { plan, control } = this.#run
    const planned = plan.slices.some(({ slice }) => slice === one.slice)
    const kept = this.#kept.get(one.slice)
    if (kept && kept.dueAt !== null) this.#dueAt.set(one.slice, kept.dueAt)
    if (kept?.replaces && kept.attempt > one.floor.attempt) this.#doubtful.add(one.slice)
    return watchOf(one, { kept, planned, startAt: control?.startAt ?? this.#since })
  }

  /** The facts that the next coordinator needs and cannot read from claims and ledgers. */
  get kept(): KeptSlice[] {
    const planned = new Set(this.#run.plan.slices.map(({ slice }) => slice))
    const nowMs = this.#run.env.clock.nowMs()
    const remarkable = this.#watched.filter((one) => hasHistory(one) || !planned.has(one.slice))
    return remarkable.map((one) => ({ ...keptOf(one, nowMs), dueAt: this.#dueAt.get(one.slice) ?? null }))
  }

  get watched(): readonly SliceWatch[] {
    return this.#watched
  }

  /** Returns whether, at the time `at` (epoch milliseconds), every worker had ended by itself and had sent its last message. */
  endedBy(at: number): boolean {
    return this.#watched.every((one) => one.whole) && this.ledgers.every(({ lastSentAt }) => lastSentAt <= at)
  }

  /** `true` if messages of the run may be waiting to be merged. */
  get mayBeInQueue(): boolean {
    const open = this.#watched.filter(({ whole }) => !whole)
    return open.some(({ slice, lostAt }) => this.#hearing.mayBeBehind(sliceOf(this.fleet(), slice), lostAt))
  }

  get lastNewsAt(): number {
    return this.#hearing.lastNewsAt
  }

  get ledgers(): AttemptLedger[] {
    return this.#hearing.ledgers
  }

  /** Returns whether an attempt died or was replaced. */
  isOver(slice: number, attempt: number): boolean {
    return attempt < sliceOf(this.fleet(), slice).floor.attempt || this.#failed.has(`${slice}-${attempt}`)
  }

  async readClaims(): Promise<void> {
    if (this.#watched.every((one) => one.claimed)) return
    const { plan, env } = this.#run
    const claims = await claimsOf(env.store, plan.run, this.#watched)
    for (const one of this.#watched.filter(({ claimed }) => !claimed)) {
      one.claimed = one.launched && claims.has(keys.claim(plan.run, one.slice, one.attempt))
      if (one.claimed) this.#claimedAt.set(one.slice, env.clock.nowMs())
    }
    if (this.#inherited) await this.#readBlocks()
    this.#inherited = false
    this.#judge()
  }

  /** Reads the shards that have changed. */
  async readLedgers(): Promise<void> {
    await this.#hearing.read(this.fleet().shards)
    this.#judge()
  }

  /**
   * Judges each slice by the ledgers. Called even if no shard has changed, because a slice may also become whole when a failure of an earlier attempt
   * becomes known, or when the run is stopped.
   */
  #judge(): void {
    judgeByLedgers(this.#watched, this.ledgers, (slice, attempt) => this.isOver(slice, attempt))
  }

  /**
   * Handles lost workers, and launches all workers that are due. If a slice was not claimed in time, or if its worker failed or is silent, the slice
   * is launched again or given up. If the run is being stopped, launches no workers, and stops waiting for slices whose worker failed or has not
   * claimed the slice.
   * @param launches whether this coordinator may launch workers now
   */
  async settle(control: Control, launches: boolean): Promise<void> {
    const { startAt, stop } = control
    const failures = new Map((await this.#run.failedWorkers()).map((one) => [`${one.slice}-${one.attempt}`, one]))
    this.#failed = new Set(failures.keys())
    for (const one of this.#watched) {
      const failure = failures.get(`${one.slice}-${one.attempt}`)
      if (stop) await this.#abandon(one, failure)
      else {
        this.#replaceEarly(one, failures.get(`${one.slice}-${one.attempt - 1}`), startAt)
        await this.#decide(one, failure, startAt)
      }
    }
    await raiseFloors(this.#run, this.fleet(), this.#watched, this.#doubtful)
    this.#turnToNext(control)
    if (!stop && launches) await this.#launchLeft(startAt)
  }

  /**
   * Finds the slices whose next worker must be invoked now, and makes the next attempt the current attempt of these slices. `#launchLeft` then
   * invokes the workers.
   */
  #turnToNext(control: Control): void {
    const nowMs = this.#run.env.clock.nowMs()
    const { aheadMs } = this.#run.plan.handOver ?? {}
    if (aheadMs === undefined) return
    const fleet = this.fleet()
    for (const one of this.#watched) {
      if (!isNextDue(one, { fleet, control, nowMs, aheadMs })) continue
      this.#dueAt.set(one.slice, nowMs)
      Object.assign(one, { ...nextOf(one), replaces: false })
    }
  }

  /**
   * Stops waiting for a slice that the current attempt has not claimed, or whose worker failed. This method is called while the run is being stopped.
   */
  async #abandon(one: SliceWatch, failure: FailedWorker | undefined): Promise<void> {
    if (one.lost !== null || one.whole) return
    if (one.claimed && failure) this.#giveUp(one, failure.error)
    else if (!one.claimed && (await this.#block(one))) this.#abandonUnclaimed(one)
  }

  /**
   * Marks a slice as abandoned, because the current attempt had not claimed the slice when the run was stopped. The slice also counts as lost if no
   * earlier attempt has sent a message, or if the current attempt replaces a lost worker. If the current attempt is only the next worker of a planned
   * hand-over, the slice is not lost, because the previous worker completes it.
   */
  #abandonUnclaimed(one: SliceWatch): void {
    const isHeard = this.#hearing.ledgers.some(({ slice }) => slice === one.slice)
    if (one.replaces || !isHeard) one.lost = 'the run was stopped before the worker began'
    one.abandoned = true
    this.#run.replaced.add(`${one.slice}-${one.attempt}`)
  }

  async #decide(one: SliceWatch, failure: FailedWorker | undefined, startAt: number): Promise<void> {
    if (!one.launched) return
    const now = this.#circumstancesOf(one, failure, startAt)
    const decided = fateOf(one, now)
    if (decided.fate === 'wait' || (!one.claimed && !(await this.#block(one)))) return
    const because = this.#causeOf(failure, now.silent)
    if (decided.fate !== 'give up') return this.#replace(one, because, hasSentNothing(one, now))
    this.#giveUp(one, because)
    this.#run.tell(`worker ${one.slice} is not started again: ${decided.why}`)
  }

  #causeOf(failure: FailedWorker | undefined, silent: boolean): string {
    return failure?.error ?? (silent ? silenceInWords(this.#run.plan) : unclaimed)
  }

  #circumstancesOf(one: SliceWatch, failure: FailedWorker | undefined, startAt: number): Circumstances {
    const turnAt = startAt + this.#turnOf(one)
    const { endMs } = this.fleet().profile
    return {
      nowMs: this.#run.env.clock.nowMs(),
      startAt: turnAt,
      dueAt: this.#dueOf(one, turnAt, startAt),
      failure,
      silent: this.#isSilent(one, one.attempt, turnAt),
      endsAt: endMs === null ? null : startAt + endMs,
      noticeMs: noticeMsOf(this.#run),
      limited: this.#run.plan.iterations !== null,
    }
  }

  /**
   * Lets the next worker (the current attempt) begin before its turn, if the worker of the previous attempt is lost. The next worker begins as soon
   * as the previous worker has had time to notice the replacement (`noticeMsOf`), because the previous worker may still be alive.
   */
  #replaceEarly(one: SliceWatch, failure: FailedWorker | undefined, startAt: number): void {
    if (!this.#mayBeginEarly(one, startAt)) return
    const fleet = this.fleet()
    const before = turnOf(fleet, sliceOf(fleet, one.slice), one.attempt - 1)
    if (!before || !(failure || this.#isSilent(one, before.attempt, startAt + before.fromMs))) return
    const nowMs = this.#run.env.clock.nowMs()
    this.#doubtful.add(one.slice)
    Object.assign(one, { replaces: true, replacedAt: [...recently(one.replacedAt, nowMs), nowMs] })
    this.#run.tell(`slice ${one.slice} is started again: ${this.#causeOf(failure, true)}`)
  }

  /**
   * Returns whether the next worker (the current attempt) may begin before its turn. Returns false if the slice has ended or has used up its
   * attempts, if the worker is not launched yet, if the plan limits the iterations, if the turn begins within `noticeMsOf`, or if the control file
   * already allows this worker to begin early.
   */
  #mayBeginEarly(one: SliceWatch, startAt: number): boolean {
    if (one.lost !== null || one.whole || !one.launched || isFloorRaised(this.fleet(), one)) return false
    const nowMs = this.#run.env.clock.nowMs()
    if (isUsedUp(one, nowMs) || this.#run.plan.iterations !== null) return false
    return startAt + this.#turnOf(one) > nowMs + noticeMsOf(this.#run)
  }

  #isSilent({ slice, claimed }: SliceWatch, attempt: number, turnAt: number): boolean {
    if (!claimed) return false
    const { shard } = sliceOf(this.fleet(), slice)
    const { handOver } = this.#run.plan
    const since = Math.max(turnAt + (handOver?.waitMs ?? 0), this.#since, this.#claimedAt.get(slice) ?? 0)
    return this.#hearing.isSilent({ slice, shard, attempt }, since)
  }

  /** Returns the time at which the turn of the slice's current attempt begins, in milliseconds since the start. */
  #turnOf({ slice, attempt }: SliceWatch): number {
    const fleet = this.fleet()
    return turnOf(fleet, sliceOf(fleet, slice), attempt)?.fromMs ?? 0
  }

  /**
   * Returns the time at which the claim of a slice is due. The claim is never due before `#dueAt`. If the worker's turn begins after the start of the
   * load, the claim is usually due `claimPatienceOf` before the turn. A worker without a claim then counts as lost when the turn begins.
   */
  #dueOf(one: SliceWatch, turnAt: number, startAt: number): number {
    const earliest = turnAt > startAt ? turnAt - claimPatienceOf(one, this.#run.env.clock.nowMs()) : startAt
    return Math.max(earliest, this.#dueAt.get(one.slice) ?? this.#since)
  }

  /**
   * Claims the slice in place of a late worker, so that this worker and its replacement cannot both run the slice. Returns false if the late worker
   * has claimed the slice first.
   */
  async #block(one: SliceWatch): Promise<boolean> {
    const { plan, env } = this.#run
    const key = keys.claim(plan.run, one.slice, one.attempt)
    const won = (await env.store.put(key, blockedClaim, { ifAbsent: true })) !== undefined
    one.claimed = !won
    return won
  }

  /** Finishes the work of an earlier coordinator. For each claim that the earlier coordinator blocked, replaces the worker or gives up the slice. */
  async #readBlocks(): Promise<void> {
    const { plan, env } = this.#run
    await this.readLedgers()
    const doubtful = this.#watched.filter((one) => one.claimed && one.lost === null && !one.reported)
    const finish = async (one: SliceWatch): Promise<void> => {
      const claim = await env.store.get(keys.claim(plan.run, one.slice, one.attempt))
      if (claim?.body !== blockedClaim) return
      if (isUsedUp(one, env.clock.nowMs())) this.#giveUp(one, unclaimed)
      else this.#replace(one, unclaimed, true)
    }
    await pMap(doubtful, finish, { concurrency: 16 })
  }

  /**
   * Replaces the current attempt of a slice. The next attempt is launched as soon as possible.
   * @param fresh whether the replaced attempt has sent no messages. In that case, none of its messages can be missing. If in addition no worker had
   * claimed the slice, the next attempt may begin immediately.
   */
  #replace(one: SliceWatch, because: string, fresh: boolean): void {
    const nowMs = this.#run.env.clock.nowMs()
    if (fresh) this.#run.replaced.add(`${one.slice}-${one.attempt}`)
    // A claimed slice is doubtful even if `fresh` is true, because an invocation may be delivered twice. If one copy fails before its turn, the other
    // copy may have the claim and send messages.
    if (!fresh || one.claimed) this.#doubtful.add(one.slice)
    this.#dueAt.set(one.slice, nowMs)
    const replacedAt = [...recently(one.replacedAt, nowMs), nowMs]
    Object.assign(one, { ...nextOf(one), replaces: true, replacedAt })
    this.#run.tell(`slice ${one.slice} is started again: ${because}`)
  }

  async #launchLeft(startAt: number): Promise<void> {
    const fleet = this.fleet()
    const isOpen = (one: SliceWatch): boolean => !one.launched && one.lost === null
    const due = this.#watched.filter((one) => isOpen(one) && (!one.replaces || isFloorRaised(fleet, one)))
    await launchDue(this.#run, { due, startAt }, async (one, error) => {
      if (error !== undefined) return this.#notLaunched(one, error)
      one.launched = true
      this.#dueAt.set(one.slice, this.#run.env.clock.nowMs())
    })
  }

  /**
   * Handles a failed launch. The next check tries again. The slice is given up after `longestLaunchMs`, or immediately if the error is a BurstError.
   */
  async #notLaunched(one: SliceWatch, error: unknown): Promise<void> {
    const nowMs = this.#run.env.clock.nowMs()
    // If a change of the load has just added the slice, the slice has no due time yet.
    const dueAt = this.#dueAt.get(one.slice) ?? nowMs
    this.#dueAt.set(one.slice, dueAt)
    if (nowMs - dueAt <= longestLaunchMs && !(error instanceof BurstError)) return
    // If the invocation was accepted and only the response was lost, the worker may have claimed the slice.
    if (await this.#block(one)) this.#giveUp(one, `the worker could not be started again: ${messageOf(error)}`)
    else one.launched = true
  }

  #giveUp(one: SliceWatch, because: string): void {
    if (one.lost !== null) return
    Object.assign(one, { lost: because.slice(0, textCaps.message), lostAt: this.#run.env.clock.nowMs() })
    this.#run.tell(`the worker of slice ${one.slice} is lost: ${because}`)
  }
}
