import { BurstError } from '../../core/errors.ts'
import { decodeControl } from '../../core/fleet/control.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Piece } from '../../core/report/live/live-gather.ts'
import type { LiveState } from '../../core/report/live/live-report.ts'
import { SealedReader } from '../../core/report/live/sealed-reader.ts'
import { decodeShardState } from '../../core/shard/shard-codec.ts'
import type { ShardState } from '../../core/shard/shard.ts'
import { decodeWindow } from '../../core/window/codec/codec.ts'
import { decodeState } from '../../functions/coordinator/state.ts'
import { ArchiveReader } from '../../functions/archives/archive-reader.ts'
import { keys } from '../../functions/keys.ts'
import type { Store } from '../../functions/ports.ts'

/** The state of a run at one moment, and the pieces that were sealed since the last call of `took`. */
export interface Progress {
  state: Omit<LiveState, 'nowMs'>
  /** The sealed pieces to add. */
  pieces: Piece[]
  /**
   * `true` if `pieces` contains all sealed pieces of the run, and not only the new pieces. The reason is an object in the store that contains both
   * new pieces and pieces that were already used (`took`). The caller must then discard the pieces of earlier calls of `read`.
   */
  hasAllPieces: boolean
  /** A string that changes with each change of the stored state of the run. */
  etags: string
}

/**
 * Reads a run in progress from its store. Decodes the state of a shard only if it has changed. Reads each sealed piece only once, except if
 * `hasAllPieces` is true.
 */
export class ProgressReader {
  readonly #store: Store
  readonly #plan: RunPlan
  readonly #shards = new Map<number, { etag: string; state: ShardState }>()
  readonly #sealed: SealedReader
  readonly #archives: ArchiveReader

  constructor(store: Store, plan: RunPlan) {
    this.#store = store
    this.#plan = plan
    this.#sealed = new SealedReader(plan.windowMs)
    this.#archives = new ArchiveReader(store)
  }

  /**
   * Reads the progress of the run. Returns undefined if the run has no control file.
   * @throws BurstError (97) when a sealed piece or an archive cannot be read
   */
  async read(): Promise<Progress | undefined> {
    const { run } = this.#plan
    const control = await this.#store.get(keys.control(run))
    if (!control) return undefined
    const coordinator = await this.#store.get(keys.coordinator(run))
    const known = decodeControl(control.body)
    const numbers = Array.from({ length: fleetAt(this.#plan, known).shards }, (_, shard) => shard)
    const read = await Promise.all(numbers.map(async (shard) => this.#shard(shard)))
    const shards = read.filter((state) => state !== undefined)
    const etags = [control.etag, coordinator?.etag, ...numbers.map((shard) => this.#shards.get(shard)?.etag)].join()
    const state = { control: known, shards, ...storedEvents(coordinator?.body) }
    return { state, ...(await this.#newlySealed(shards)), etags }
  }

  /** Marks all sealed pieces of this progress as used, so that the next `read` does not return them again. */
  took({ state }: Progress): void {
    this.#sealed.took(state.shards)
  }

  async #shard(shard: number): Promise<ShardState | undefined> {
    const stored = await this.#store.get(keys.shard(this.#plan.run, shard))
    if (!stored) return undefined
    const known = this.#shards.get(shard)
    if (known?.etag === stored.etag) return known.state
    const unread: string[] = []
    const state = await this.#archives.whole(decodeShardState(stored.body), unread)
    if (unread[0] !== undefined) throw new BurstError('runFailed', unread[0])
    this.#shards.set(shard, { etag: stored.etag, state })
    return state
  }

  async #newlySealed(shards: readonly ShardState[]): Promise<Pick<Progress, 'pieces' | 'hasAllPieces'>> {
    const news = this.#sealed.news(shards)
    const due = news ?? new SealedReader(this.#plan.windowMs).news(shards) ?? []
    const pieces = await Promise.all(
      due.map(async ({ key, ...rest }) => {
        const stored = await this.#store.get(key)
        if (!stored) throw new BurstError('runFailed', `${key} is gone`)
        return { ...rest, content: decodeWindow(stored.body) }
      }),
    )
    return { pieces, hasAllPieces: news === undefined }
  }
}

/** Returns the events, the lost attempts and the failure that the coordinator has stored. There are none before the coordinator has begun. */
export function storedEvents(body: string | undefined): Pick<LiveState, 'events' | 'failed' | 'failure'> {
  if (body === undefined) return { events: [], failed: [], failure: null }
  const { events, slices, failure } = decodeState(body)
  const failed = slices.flatMap(({ slice, attempt, lost }) => (lost === null ? [] : [{ slice, attempt, error: lost }]))
  return { events, failed, failure }
}
