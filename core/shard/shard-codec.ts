import { decode } from '../decode.ts'
import { plain } from '../window/codec.ts'
import { shardSchema } from './shard-schema.ts'
import type { ShardState } from './shard.ts'

export function encodeShardState(state: ShardState): string {
  return JSON.stringify(state, plain)
}

/** @throws BurstError that says what is wrong and where */
export function decodeShardState(text: string): ShardState {
  return decode(shardSchema, text, 'the state of a shard')
}
