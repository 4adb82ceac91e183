import { encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { RandomStream } from '../../../core/random.ts'
import { decodeShardState, encodeShardState } from '../../../core/shard/shard-codec.ts'
import { mergeMessage } from '../../../core/shard/shard-merge.ts'
import { type ShardState, newShardState } from '../../../core/shard/shard.ts'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { keys } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { cellOf, intervalOf, messagesOf, planOf, startAt } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { mergeEnvironment } from '../reducer/merge-environment.ts'

/** The number of windows in a turn. A turn lasts 10 minutes. */
const perTurn = 120
const hourMs = 3_600_000

/** Returns the plan of a run that lasts several hours. Its workers hand over every 10 minutes. */
export function longPlan(turns: number, slicesPerShard = 4): RunPlan {
  return planOf({
    workers: 4,
    users: 20,
    slicesPerShard,
    profile: { points: [{ atMs: 0, level: 20 }], endMs: turns * 600_000 },
    handOver: { intervalMs: 600_000, aheadMs: 30_000, waitMs: 2000 },
  })
}

/** Returns the messages of one attempt. Worker 0 sends one message in each minute. Each other worker sends three messages in each turn. */
export function attemptOf(slice: number, attempt: number, isLast = false): WindowMessage[] {
  const minutes = slice === 0 ? Array.from({ length: 10 }, (_, minute) => minute) : [0, 5, 9]
  const contents = minutes.map((minute) => {
    const window = attempt * perTurn + minute * 12
    const cells = [cellOf('GET', '/', [5 + slice, 7 + (attempt % 10)])]
    return { window, content: intervalOf({ slice, attempt, second: window * 5, cells }) }
  })
  const messages = messagesOf(contents, slice, attempt)
  return messages.map((one) => (one.final && !isLast ? { ...one, handedOver: true } : one))
}

/** Draws at random what happens to each attempt of each slice. Some attempts are killed, lose a message, give up, or do not send any message. */
export function drawnAttempts(random: RandomStream, turns: number): WindowMessage[][] {
  return Array.from({ length: turns * 4 }, (_, k) => {
    const [slice, attempt] = [k % 4, Math.floor(k / 4)]
    const messages = attemptOf(slice, attempt, attempt === turns - 1)
    const fate = random.int(0, 19)
    if (fate === 0) return messages.slice(0, -1)
    if (fate === 1) return messages.filter((_one, place) => place !== 1)
    if (fate === 2) return messages.map((one) => (one.final ? { ...one, failure: 'out of memory' } : one))
    return fate === 3 ? [] : messages
  })
}

/**
 * Draws an order of delivery at random. Some single messages arrive up to several hours late. For some attempts, all messages arrive up to several
 * hours late. Some messages arrive twice.
 */
export function drawnOrder(random: RandomStream, attempts: readonly WindowMessage[][]): WindowMessage[] {
  const late = (): number => (random.int(0, 19) === 0 ? random.int(0, 3 * hourMs) : random.int(0, 10_000))
  const deliveries = attempts.flatMap((messages) => {
    const all = late()
    return messages.flatMap((message) => {
      const times = [all + late(), ...(random.int(0, 6) === 0 ? [random.int(0, 3 * hourMs)] : [])]
      return times.map((ms) => ({ message, at: message.sentAt + ms }))
    })
  })
  return deliveries.toSorted((a, b) => a.at - b.at).map(({ message }) => message)
}

export async function storeFor(plan: RunPlan, store = new MemoryStore()): Promise<MemoryStore> {
  await store.put(keys.plan('r1'), JSON.stringify(plan))
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt * 2, stop: null }))
  return store
}

/** Merges messages with the reducer, in batches of 10. */
export async function reduced(store: MemoryStore, plan: RunPlan, messages: readonly WindowMessage[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 10) await mergeBatch(store, plan, messages.slice(from, from + 10))
}

/** Merges one batch of messages with the reducer. */
export async function mergeBatch(store: Store, plan: RunPlan, messages: readonly WindowMessage[]): Promise<void> {
  const Records = messages.map((message, k) => ({
    messageId: `${k}`,
    body: encodeMessage(message),
    attributes: { MessageGroupId: `r1#${Math.floor(message.slice / plan.slicesPerShard)}` },
  }))
  const { batchItemFailures } = await merge({ Records }, mergeEnvironment(store))
  if (batchItemFailures.length > 0) throw new Error('the reducer gave messages back')
}

/** Merges messages into one state that keeps all ledgers and windows. */
export async function mergedWithoutArchives(store: MemoryStore, messages: readonly WindowMessage[]): Promise<void> {
  const state = newShardState('r1', 0)
  for (const message of messages) mergeMessage(state, message)
  await store.put(keys.shard('r1', 0), encodeShardState(state))
}

export async function stateOf(store: MemoryStore, shard = 0): Promise<ShardState> {
  return decodeShardState((await store.get(keys.shard('r1', shard)))?.body ?? '')
}

export async function archivesIn(store: MemoryStore): Promise<string[]> {
  return (await store.list(keys.windows('r1'))).filter((key) => key.includes('/archive-'))
}
