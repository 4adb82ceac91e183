import { decode } from '../decode.ts'
import { encodeStoredWindow, stored } from '../window/codec.ts'
import type { Window } from '../window/window.ts'
import { shardSchema } from './shard-schema.ts'
import type { ShardState } from './shard.ts'

/** Texts of open windows. A shard's state is written at each merge, and most of its open windows are as they were. */
const texts = new WeakMap<Window, string>()

/** An open window is about to change. */
export function forgetText(window: Window): void {
  texts.delete(window)
}

export function encodeShardState(state: ShardState): string {
  const { open, ...rest } = state
  const windows = [...open].toSorted(([a], [b]) => a - b)
  const rows = windows.map(([window, content]) => `[${window},${textOf(content)}]`)
  return `${JSON.stringify(rest, stored).slice(0, -1)},"open":[${rows.join(',')}]}`
}

/** @throws BurstError that says what is wrong and where */
export function decodeShardState(text: string): ShardState {
  return decode(shardSchema, text, 'the state of a shard')
}

function textOf(content: Window): string {
  let text = texts.get(content)
  if (text === undefined) texts.set(content, (text = encodeStoredWindow(content)))
  return text
}
