import { createHash } from 'node:crypto'
import { decodeShardState, encodeShardState } from '../../core/shard/shard-codec.ts'
import type { Window } from '../../core/window/window.ts'
import { ArchiveReader } from '../../functions/archives/archive-reader.ts'
import { keys } from '../../functions/keys.ts'
import type { BenchStore } from './bench-store.ts'

/** Copies a shard. The copy has the counts of the original, but different workers and no archives. */
export async function copyShard(
  store: BenchStore,
  { from, to, slicesPerShard }: { from: number; to: number; slicesPerShard: number },
): Promise<void> {
  const by = (to - from) * slicesPerShard
  const stored = decodeShardState((await store.get(keys.shard('r1', from)))?.body ?? '')
  const state = await new ArchiveReader(store, 0).whole(stored, [])
  const attempts = [...state.attempts.values()].map((one) => ({ ...one, slice: one.slice + by }))
  const open = [...state.open].map(([window, content]) => [window, moved(content, by)] as const)
  const sealed = []
  for (const one of state.sealed) {
    // Replaces only the numbers of the workers, because the windows of the copy contain the same counts.
    const text = (await store.get(one.key))?.body ?? ''
    const body = text.replaceAll(/\["(\d+)-(\d+)",\{"slice":\d+,/g, (_, slice, attempt) => {
      return `["${Number(slice) + by}-${attempt}",{"slice":${Number(slice) + by},`
    })
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 32)
    const key = keys.sealed('r1', to, one.window, hash)
    await store.put(key, body)
    sealed.push({ ...one, key })
  }
  const copy = {
    ...state,
    shard: to,
    attempts: new Map(attempts.map((one) => [`${one.slice}-${one.attempt}`, one])),
    open: new Map(open),
    sealed,
  }
  await store.put(keys.shard('r1', to), encodeShardState(copy))
}

function moved(content: Window, by: number): Window {
  const workers = [...content.workers.values()].map((cell) => ({ ...cell, slice: cell.slice + by }))
  return { ...content, workers: new Map(workers.map((cell) => [`${cell.slice}-${cell.attempt}`, cell])) }
}
