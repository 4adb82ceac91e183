import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import { type ShardLedgers, type ShardState, newShardState } from '../../core/shard/shard.ts'
import { decodeWindow, encodeStoredWindow } from '../../core/window/codec/codec.ts'
import type { Window } from '../../core/window/window.ts'
import { compareAndSwap } from '../control/compare-and-swap.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** A window as compressed JSON. */
export type PackedWindow = Uint8Array

/** A closed shard. Its open windows are compressed, because the uncompressed windows of all shards would fill the memory. */
export type ClosedShard = ShardLedgers & { open: Map<number, PackedWindow> }

/**
 * Closes a shard, so that later merges cannot add messages to it. Creates the shard if none of its messages has arrived.
 * @returns the state, which no longer changes
 * @throws BurstError when the state can't be read, or when other writers kept changing the state
 */
export async function closeShard(run: string, shard: number, { store, clock }: Environment): Promise<ClosedShard> {
  const place = { key: keys.shard(run, shard), what: `the state of shard ${shard}` }
  return compareAndSwap({ store, clock }, place, (stored) => {
    const state = stored ? decodeShardState(stored.body) : newShardState(run, shard)
    // Compresses the windows before the state is written. The uncompressed windows are then not in memory during the write.
    const packed = packedOf({ ...state, closed: true })
    if (state.closed) return { unchanged: packed }
    return { body: encodeShardState({ ...state, closed: true }), written: () => packed }
  })
}

function packedOf(state: ShardState): ClosedShard {
  const open = [...state.open].map(([window, content]) => [window, pack(content)] as const)
  return { ...state, open: new Map(open) }
}

/** Compresses a window. Compression level 1 is several times as fast as the default level, and the result is only slightly larger. */
function pack(content: Window): PackedWindow {
  return deflateRawSync(encodeStoredWindow(content), { level: 1 })
}

/**
 * Decompresses a window.
 * @throws BurstError when the window cannot be read
 */
export function unpacked(packed: PackedWindow): Window {
  return decodeWindow(inflateRawSync(packed).toString())
}
