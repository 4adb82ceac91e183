import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import { type Control, decodeControl } from '../../core/fleet/control.ts'
import { shardAt } from '../../core/fleet/fleet.ts'
import { type ShardState, newShardState } from '../../core/shard/shard.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { ArchiveReader } from '../archives/archive-reader.ts'
import { keys } from '../keys.ts'
import type { Clock, Store } from '../ports.ts'
import { findPlan } from '../read-plan.ts'
import { secretOf } from '../signature.ts'

/** The data that a warm reducer keeps in memory. All of it may be lost at any time. */
interface Memory {
  plans: Map<string, PlanFacts>
  controls: Map<string, { control: Control | undefined; readAt: number }>
  shards: Map<string, HeldShard>
  archives: ArchiveReader
}

const memories = new WeakMap<Store, Memory>()
const rememberedRuns = 50
/** The maximum number of shard states that stay in memory. A decoded state may have tens of megabytes. */
const rememberedShards = 8
/** The maximum number of archives that stay in memory. An archive has tens of kilobytes. */
const rememberedArchives = 32
const controlIsGoodForMs = 5000

export interface PlanFacts extends Pick<RunPlan, 'windowMs' | 'slicesPerShard' | 'slices'> {
  /** The secret with which the run's messages are signed. Undefined if the messages are not signed. */
  secret: string | undefined
}

/**
 * Returns the parts of a run's plan that the reducer needs; undefined if the plan is not in the store. A plan never changes.
 * @throws BurstError (97) when the plan cannot be read, or when messages are signed and the secret is missing
 */
export async function planFactsOf(store: Store, run: string): Promise<PlanFacts | undefined> {
  const { plans } = memoryOf(store)
  const known = plans.get(run)
  if (known) return known
  const found = await findPlan(store, run)
  if (!found) return undefined
  const { windowMs, slicesPerShard, slices, signed } = found
  const plan = { windowMs, slicesPerShard, slices, secret: signed ? await secretOf(store, run) : undefined }
  keep(plans, { key: run, value: plan, most: rememberedRuns })
  return plan
}

/** Returns `startAt` of the control file, in epoch milliseconds; undefined if the control file does not exist. The value may be up to 5 s old. */
export async function startOf(store: Store, run: string, clock: Clock): Promise<number | undefined> {
  return (await controlOf(store, run, { clock, goodForMs: controlIsGoodForMs }))?.startAt
}

/**
 * Returns the shard that merges the messages of a slice; undefined if the run does not have this slice. For an unknown slice, reads the control file
 * again, because a new slice is added to the control file before its worker starts.
 */
export async function shardOfSlice(
  { store, clock }: { store: Store; clock: Clock },
  { run, slice }: { run: string; slice: number },
  plan: PlanFacts,
): Promise<number | undefined> {
  const planned = shardAt(plan, undefined, slice)
  if (planned !== undefined) return planned
  for (const goodForMs of [controlIsGoodForMs, 0]) {
    const shard = shardAt(plan, await controlOf(store, run, { clock, goodForMs }), slice)
    if (shard !== undefined) return shard
  }
  return undefined
}

async function controlOf(
  store: Store,
  run: string,
  { clock, goodForMs }: { clock: Clock; goodForMs: number },
): Promise<Control | undefined> {
  const { controls } = memoryOf(store)
  const known = controls.get(run)
  if (known && clock.nowMs() - known.readAt < goodForMs) return known.control
  const stored = await store.get(keys.control(run))
  const control = stored && decodeControl(stored.body)
  keep(controls, { key: run, value: { control, readAt: clock.nowMs() }, most: rememberedRuns })
  return control
}

/** A shard's state, and the etag of the object that contains the state. If `etag` is missing, the object does not exist yet. */
export interface HeldShard {
  state: ShardState
  etag: string | undefined
}

/**
 * Returns a shard's state, from memory if possible. Removes the state from memory, because the caller changes the state. If the write of the changed
 * state fails, memory must not contain the changed state. A state from memory may be out of date. The conditional write then fails.
 */
export async function takeShard(store: Store, run: string, shard: number): Promise<HeldShard> {
  const { shards } = memoryOf(store)
  const key = keys.shard(run, shard)
  const known = shards.get(key)
  shards.delete(key)
  if (known) return known
  const stored = await store.get(key)
  return stored
    ? { state: decodeShardState(stored.body), etag: stored.etag }
    : { state: newShardState(run, shard), etag: undefined }
}

/** Writes a shard's state if the stored state has not changed since the read. Returns false if it has changed. */
export async function writeShard(store: Store, { state, etag }: HeldShard): Promise<boolean> {
  const condition = etag === undefined ? ({ ifAbsent: true } as const) : { ifMatch: etag }
  const written = await store.put(keys.shard(state.run, state.shard), encodeShardState(state), condition)
  if (written === undefined) return false
  rememberShard(store, { state, etag: written })
  return true
}

/** Keeps a shard's state in memory. The state must be equal to the stored state. */
export function rememberShard(store: Store, held: HeldShard): void {
  const { run, shard } = held.state
  keep(memoryOf(store).shards, { key: keys.shard(run, shard), value: held, most: rememberedShards })
}

/** Returns the reader of a store's archives. The reader keeps some archives in memory. */
export function archivesOf(store: Store): ArchiveReader {
  return memoryOf(store).archives
}

function memoryOf(store: Store): Memory {
  let memory = memories.get(store)
  if (!memory) {
    const archives = new ArchiveReader(store, rememberedArchives)
    memories.set(store, (memory = { plans: new Map(), controls: new Map(), shards: new Map(), archives }))
  }
  return memory
}

function keep<V>(map: Map<string, V>, { key, value, most }: { key: string; value: V; most: number }): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
