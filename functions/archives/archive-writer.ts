import { createHash } from 'node:crypto'
import { archivable, mergeableArchives, moveToArchive, replaceArchives } from '../../core/shard/archive.ts'
import { encodeArchive } from '../../core/shard/shard-codec.ts'
import type { Archive, ShardState } from '../../core/shard/shard.ts'
import { keys } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'

/**
 * Moves old ledgers and references from the state into an archive, and merges archives. The content of an archive counts only when the written state
 * refers to the archive. If the store fails, the ledgers and references that are not in an archive yet stay in the state until a later merge, because
 * the counts of this merge must not wait for an archive.
 */
export async function archiveDue(
  state: ShardState,
  grid: { startAt: number; windowMs: number },
  { store, log }: Pick<Environment, 'store' | 'log'>,
): Promise<void> {
  const due = archivable(state, grid)
  if (!due) return
  try {
    moveToArchive(state, due, await put(state, due, store))
    for (let merged = mergeableArchives(state); merged; merged = mergeableArchives(state)) {
      replaceArchives(state, merged, await put(state, merged, store))
    }
  } catch (error) {
    log('archiving is left to a later merge', { run: state.run, shard: state.shard, error: String(error) })
  }
}

async function put({ run, shard }: ShardState, archive: Archive, store: Store): Promise<string> {
  const body = encodeArchive(archive)
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32)
  const key = keys.archive(run, shard, hash)
  // An existing object has the same content, because its name is the hash of the content.
  await store.put(key, body, { ifAbsent: true })
  return key
}
