import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import { BurstError } from '../../core/errors.ts'
import { type ShardState, newShardState } from '../../core/shard/shard.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** A merge takes milliseconds, and only one at a time runs per shard, so this many lost races are not a coincidence. */
const mostTries = 50

/**
 * Closes a shard: from then on a merge finds it closed and merges nothing. Creates the shard if no message ever arrived.
 * @returns its state, which no longer changes
 * @throws BurstError when the state can't be read, or when others kept changing it
 */
export async function closeShard(run: string, shard: number, { store, clock }: Environment): Promise<ShardState> {
  const key = keys.shard(run, shard)
  for (let tries = 0; tries < mostTries; tries++) {
    const stored = await store.get(key)
    const state = stored ? decodeShardState(stored.body) : newShardState(run, shard)
    if (state.closed) return state
    const closed = { ...state, closed: true }
    const written = await store.put(
      key,
      encodeShardState(closed),
      stored ? { ifMatch: stored.etag } : { ifAbsent: true },
    )
    if (written !== undefined) return closed
    await clock.sleep(10 + Math.random() * 10 * tries)
  }
  throw new BurstError('runFailed', `others wrote it ${mostTries} times while it was being closed`)
}
