import { decodeShardState } from '../../core/window/codec.ts'
import { isWhole } from '../../core/shard/ledger.ts'
import { shardCount } from '../../core/plan/plan.ts'
import type { AttemptLedger } from '../../core/shard/shard.ts'
import { keys } from '../keys.ts'
import type { Coordination } from './coordination.ts'
import { type SliceWatch, unclaimedFate } from './decisions.ts'
import { launchWorkers } from './launch.ts'
import type { KeptSlice } from './state.ts'

/** The slices of a run and what has become of each. */
export class WatchedSlices {
  readonly #run: Coordination
  readonly #watched: SliceWatch[]
  /** When the claim of a slice's attempt was due, by slice. */
  readonly #dueAt = new Map<number, number>()
  readonly #etags = new Map<number, string>()
  readonly #ledgers = new Map<number, AttemptLedger[]>()
  /** When something new was last merged, epoch milliseconds. */
  lastNewsAt: number

  constructor(run: Coordination) {
    this.#run = run
    this.lastNewsAt = run.env.clock.nowMs()
    const kept = new Map(run.slices.map((one) => [one.slice, one]))
    this.#watched = run.plan.slices.map(({ slice }) => {
      const { attempt = 0, lost = null, dueAt = null } = kept.get(slice) ?? {}
      if (dueAt !== null) this.#dueAt.set(slice, dueAt)
      return { slice, attempt, claimed: false, whole: false, lost }
    })
  }

  /** What a successor could not find out by itself. */
  get kept(): KeptSlice[] {
    const remarkable = this.#watched.filter(({ attempt, lost }) => attempt > 0 || lost !== null)
    return remarkable.map(({ slice, attempt, lost }) => ({
      slice,
      attempt,
      dueAt: this.#dueAt.get(slice) ?? null,
      lost,
    }))
  }

  get watched(): readonly SliceWatch[] {
    return this.#watched
  }

  async readClaims(): Promise<void> {
    if (this.#watched.every((one) => one.claimed)) return
    const { plan, env } = this.#run
    const claims = new Set(await env.store.list(keys.claims(plan.run)))
    for (const one of this.#watched) one.claimed = claims.has(keys.claim(plan.run, one.slice, one.attempt))
  }

  /** Reads the shards that have changed. */
  async readLedgers(): Promise<void> {
    const shards = Array.from({ length: shardCount(this.#run.plan) }, (_, shard) => shard)
    const news = await Promise.all(shards.map((shard) => this.#readShard(shard)))
    if (!news.includes(true)) return
    this.lastNewsAt = this.#run.env.clock.nowMs()
    const ledgers = [...this.#ledgers.values()].flat()
    for (const one of this.#watched) {
      const mine = ledgers.filter((ledger) => ledger.slice === one.slice)
      one.whole = mine.length > 0 && mine.every(isWhole)
    }
  }

  /** Gives up slices whose worker failed after it had claimed. */
  async readFailures(): Promise<void> {
    for (const { slice, attempt, error } of await this.#run.failedWorkers()) {
      const one = this.#watched.find((candidate) => candidate.slice === slice && candidate.attempt === attempt)
      if (one?.claimed && !one.whole) this.#giveUp(one, error)
    }
  }

  /** Launches once more what nobody claimed in time, and gives it up when that did not help. */
  async relaunch(startAt: number): Promise<void> {
    const { env } = this.#run
    const failures = await this.#run.failedWorkers()
    for (const one of this.#watched) {
      const failure = failures.find(({ slice, attempt }) => slice === one.slice && attempt === one.attempt)
      const dueAt = Math.max(startAt, this.#dueAt.get(one.slice) ?? 0)
      const fate = unclaimedFate(one, { nowMs: env.clock.nowMs(), dueAt, failed: failure !== undefined })
      if (fate === 'wait' || !(await this.#block(one))) continue
      const because = failure?.error ?? 'nobody claimed it in time'
      if (fate === 'give up') this.#giveUp(one, because)
      else await this.#again(one, startAt, because)
    }
  }

  /** A run that is being stopped waits for nobody who has not begun. */
  async abandonUnclaimed(): Promise<void> {
    for (const one of this.#watched) {
      if (!one.claimed && one.lost === null && (await this.#block(one)))
        one.lost = 'the run was stopped before it began'
    }
  }

  /** Takes the claim away from a worker that comes too late, so that no slice is run twice. False: it has come meanwhile. */
  async #block(one: SliceWatch): Promise<boolean> {
    const { plan, env } = this.#run
    const key = keys.claim(plan.run, one.slice, one.attempt)
    const won = (await env.store.put(key, JSON.stringify({ by: 'coordinator' }), { ifAbsent: true })) !== undefined
    one.claimed = !won
    return won
  }

  async #again(one: SliceWatch, startAt: number, because: string): Promise<void> {
    this.#run.replaced.add(`${one.slice}-${one.attempt}`)
    one.attempt++
    this.#dueAt.set(one.slice, this.#run.env.clock.nowMs())
    this.#run.tell(`slice ${one.slice} is started again: ${because}`)
    await launchWorkers(this.#run, [one.slice], { attempt: one.attempt, startAt })
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
