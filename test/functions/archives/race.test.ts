import { expect, test } from 'vitest'
import { RandomStream } from '../../../core/random.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { decodeArchive } from '../../../core/shard/shard-codec.ts'
import type { ArchiveReference } from '../../../core/shard/shard.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import type { PutCondition, Store } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { mergeEnvironment } from '../reducer/merge-environment.ts'
import {
  archivesIn,
  drawnAttempts,
  drawnOrder,
  longPlan,
  mergeBatch,
  mergedWithoutArchives,
  stateOf,
  storeFor,
} from './long-run.ts'

const state = keys.shard('r1', 0)

/** The store of one reducer. Each reducer has an object of this class, because a reducer keeps facts about its store in memory. */
class ReducerStore implements Store {
  readonly #shared: MemoryStore
  /** Called before the first write of the state in a round. */
  beforeWrite: (() => Promise<void>) | undefined
  /** The number of archives that this reducer wrote in vain, because its next write of the state conflicted with a write of another reducer. */
  lostArchives = 0
  #archives = 0

  constructor(shared: MemoryStore) {
    this.#shared = shared
  }

  get(key: string) {
    return this.#shared.get(key)
  }

  list(prefix: string) {
    return this.#shared.list(prefix)
  }

  delete(key: string) {
    return this.#shared.delete(key)
  }

  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    if (key.includes('/archive-')) this.#archives++
    if (key !== state) return this.#shared.put(key, body, condition)
    const before = this.beforeWrite
    this.beforeWrite = undefined
    await before?.()
    const etag = await this.#shared.put(key, body, condition)
    if (etag === undefined) this.lostArchives += this.#archives
    this.#archives = 0
    return etag
  }
}

/**
 * Lets each of two reducers merge one batch. Both reducers prepare their new states before either of them writes. `winner` writes first. `loser`
 * writes afterwards, so the first write of `loser` conflicts.
 */
async function race(
  [winner, loser]: readonly [ReducerStore, ReducerStore],
  plan: RunPlan,
  [first, second]: readonly [WindowMessage[], WindowMessage[]],
): Promise<void> {
  const prepared = Promise.withResolvers<void>()
  const written = Promise.withResolvers<void>()
  winner.beforeWrite = () => prepared.promise
  loser.beforeWrite = () => {
    prepared.resolve()
    return written.promise
  }
  await Promise.all([
    mergeBatch(winner, plan, first).finally(() => written.resolve()),
    mergeBatch(loser, plan, second).finally(() => prepared.resolve()),
  ])
}

/** Returns the keys of all archives to which the state refers, directly or through other archives. */
async function referredBy(store: MemoryStore, references: readonly ArchiveReference[]): Promise<string[]> {
  const below = references.map(async ({ key }) => {
    const { archives } = decodeArchive((await store.get(key))?.body ?? '')
    return [key, ...(await referredBy(store, archives))]
  })
  return (await Promise.all(below)).flat()
}

async function filesOf(store: MemoryStore): Promise<Record<string, string | undefined>> {
  await finalise({ run: 'r1', events: [], failed: [], failure: null }, mergeEnvironment(store))
  const read = outputFiles.map(async (file) => [file, (await store.get(keys.output('r1', file)))?.body] as const)
  return Object.fromEntries(await Promise.all(read))
}

test.each([11, 12])(
  'if two reducers change the state of a shard at the same time, each ledger and window is counted once (seed %i)',
  async (seed) => {
    const random = new RandomStream(seed, 3, 5)
    const plan = longPlan(12)
    const order = drawnOrder(random, drawnAttempts(random, 12))
    const plain = await storeFor(plan)
    await mergedWithoutArchives(plain, order)

    const shared = await storeFor(plan)
    const [one, other] = [new ReducerStore(shared), new ReducerStore(shared)]
    for (let from = 0; from < order.length; from += 4) {
      const batches = [order.slice(from, from + 2), order.slice(from + 2, from + 4)] as const
      const reducers = random.chance(0.5) ? ([one, other] as const) : ([other, one] as const)
      await race(reducers, plan, batches)
    }
    const { archives } = await stateOf(shared)
    const referred = await referredBy(shared, archives)
    expect(referred.length).toBeGreaterThan(5)
    expect(new Set(referred).size).toBe(referred.length)
    expect(one.lostArchives + other.lostArchives).toBeGreaterThan(0)
    expect((await archivesIn(shared)).length).toBeGreaterThan(referred.length)
    expect(await filesOf(shared)).toEqual(await filesOf(plain))
  },
)
