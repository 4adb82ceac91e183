import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import { type ShardLedgers, type ShardState, newShardState } from '../../core/shard/shard.ts'
import { decodeWindow, encodeStoredWindow } from '../../core/window/codec/codec.ts'
import type { Window } from '../../core/window/window.ts'
import { compareAndSwap } from '../control/compare-and-swap.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** The compressed text of a window. */
export type PackedWindow = Uint8Array

/** A closed shard. Its open windows are compressed, because the windows of all shards would fill the memory until they are read. */
export type ClosedShard = ShardLedgers & { open: Map<number, PackedWindow> }

/**
 * Closes a shard: later merges find it closed and do not merge their messages. Creates the shard if no message ever arrived.
 * @returns its state, which no longer changes
 * @throws BurstError when the state can't be read, or when other writers kept changing it
 */
export async function closeShard(run: string, shard: number, { store, clock }: Environment): Promise<ClosedShard> {
  const place = { key: keys.shard(run, shard), what: `the state of shard ${shard}` }
  return compareAndSwap({ store, clock }, place, (stored) => {
    const state = stored ? decodeShardState(stored.body) : newShardState(run, shard)
    // Packed before the state is written, so that the windows of shards that are being written are not in memory.
    const packed = packedOf({ ...state, closed: true })
    if (state.closed) return { unchanged: packed }
    return { body: encodeShardState({ ...state, closed: true }), written: () => packed }
  })
}

function packedOf(state: ShardState): ClosedShard {
  const open = [...state.open].map(([window, content]) => [window, pack(content)] as const)
  return { ...state, open: new Map(open) }
}

/** Level 1 is several times as fast as the default and makes texts only a little longer. */
function pack(content: Window): PackedWindow {
  return deflateRawSync(encodeStoredWindow(content), { level: 1 })
}

/** @throws BurstError when the window cannot be read */
export function unpacked(packed: PackedWindow): Window {
  return decodeWindow(inflateRawSync(packed).toString())
}
