import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import { type ShardState, newShardState } from '../../core/shard/shard.ts'
import { compareAndSwap } from '../control/compare-and-swap.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/**
 * Closes a shard: later merges find it closed and do not merge their messages. Creates the shard if no message ever arrived.
 * @returns its state, which no longer changes
 * @throws BurstError when the state can't be read, or when others kept changing it
 */
export async function closeShard(run: string, shard: number, { store, clock }: Environment): Promise<ShardState> {
  const place = { key: keys.shard(run, shard), what: `the state of shard ${shard}` }
  return compareAndSwap({ store, clock }, place, (stored) => {
    const state = stored ? decodeShardState(stored.body) : newShardState(run, shard)
    if (state.closed) return { unchanged: state }
    const closed = { ...state, closed: true }
    return { body: encodeShardState(closed), written: () => closed }
  })
}
