import { createHash } from 'node:crypto'
import { archivable, mergeableArchives, moveToArchive, replaceArchives } from '../../core/shard/archive.ts'
import { encodeArchive } from '../../core/shard/shard-codec.ts'
import type { Archive, ShardState } from '../../core/shard/shard.ts'
import { keys } from '../keys.ts'
import type { Environment, Store } from '../ports.ts'

/**
 * Moves old ledgers and references from the state into an archive, and then merges archives. Does nothing if there are too few old ledgers and
 * references (`archivable`). An archive is valid only if the stored state refers to it. If the store fails, the reducer merges messages without
 * writing the archive. The ledgers and references then stay in the state until a later merge archives them.
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
    log('the archive was not written; a later merge will try again', {
      run: state.run,
      shard: state.shard,
      error: String(error),
    })
  }
}

async function put({ run, shard }: ShardState, archive: Archive, store: Store): Promise<string> {
  const body = encodeArchive(archive)
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32)
  const key = keys.archive(run, shard, hash)
  // Does not replace an existing object. The name of an object is the hash of its content, so an existing object has the same content.
  await store.put(key, body, { ifAbsent: true })
  return key
}
