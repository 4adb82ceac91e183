import { decodeShardState } from '../../core/shard/shard-codec.ts'
import { decodeControl } from '../../core/fleet/control.ts'
import { type LiveSnapshot, liveSnapshot } from '../../core/report/live/snapshot.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import type { ShardState } from '../../core/shard/shard.ts'
import { decodeState } from '../../functions/coordinator/state.ts'
import { keys } from '../../functions/keys.ts'
import type { Store } from '../../functions/ports.ts'

/** Reads the current state of a run. Decodes a shard only if the shard has changed. */
export class LiveReader {
  readonly #store: Store
  readonly #plan: RunPlan
  readonly #decoded = new Map<number, { etag: string; state: ShardState }>()

  constructor(store: Store, plan: RunPlan) {
    this.#store = store
    this.#plan = plan
  }

  /** Returns the current state of the run; undefined while the run has no control file. */
  async read(nowMs: number): Promise<LiveSnapshot | undefined> {
    const stored = await this.#store.get(keys.control(this.#plan.run))
    if (!stored) return undefined
    const control = decodeControl(stored.body)
    const numbers = Array.from({ length: fleetAt(this.#plan, control).shards }, (_, shard) => shard)
    const shards = (await Promise.all(numbers.map((shard) => this.#shard(shard)))).filter(
      (state) => state !== undefined,
    )
    const snapshot = liveSnapshot({ plan: this.#plan, control, shards, nowMs })
    const messagesAwaited = snapshot.phase === 'waiting' ? await this.#messagesAwaited() : undefined
    return { ...snapshot, ...(messagesAwaited !== undefined && { messagesAwaited }) }
  }

  async #messagesAwaited(): Promise<number | undefined> {
    const stored = await this.#store.get(keys.coordinator(this.#plan.run))
    return stored && decodeState(stored.body).waitsFor
  }

  async #shard(shard: number): Promise<ShardState | undefined> {
    const stored = await this.#store.get(keys.shard(this.#plan.run, shard))
    if (!stored) return undefined
    const known = this.#decoded.get(shard)
    if (known?.etag === stored.etag) return known.state
    const state = decodeShardState(stored.body)
    this.#decoded.set(shard, { etag: stored.etag, state })
    return state
  }
}
