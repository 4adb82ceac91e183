import { isArchived, keyOf, mayContain } from '../../core/shard/archive.ts'
import { newAttempt } from '../../core/shard/shard-merge.ts'
import type { ArchiveReference, AttemptLedger, ShardState } from '../../core/shard/shard.ts'
import type { WindowMessage } from '../../core/window/message.ts'
import type { ArchiveReader } from './archive-reader.ts'

/** The result of `recall`: the ledgers that were brought back from archives. */
export interface Recalled {
  /** For each attempt (key: `slice-attempt`), the number of messages that its archived ledger contains. */
  merged: Map<string, number>
  /** The error messages for attempts with an unreadable ledger (key: `slice-attempt`). Messages of these attempts cannot be merged. */
  unreadable: Map<string, string>
}

/**
 * Brings archived ledgers back into the state, for the attempts that sent the messages. The ledgers show which messages are new and which are
 * duplicates, even if the messages arrive very late. An attempt may have no archived ledger although a later attempt of the slice is already
 * archived. Such an attempt gets an empty ledger.
 * @throws the store's error
 */
export async function recall(
  state: ShardState,
  messages: readonly WindowMessage[],
  archives: ArchiveReader,
): Promise<Recalled> {
  const recalled: Recalled = { merged: new Map(), unreadable: new Map() }
  for (const message of messages) {
    const key = keyOf(message)
    if (recalled.unreadable.has(key) || !isArchived(state, message)) continue
    const found = await find(message, state.archives, archives)
    if (typeof found === 'string') recalled.unreadable.set(key, found)
    else {
      const ledger = found ? structuredClone(found) : newAttempt(message)
      state.attempts.set(key, ledger)
      recalled.merged.set(key, mergedIn(ledger))
    }
  }
  return recalled
}

/**
 * Removes each recalled ledger from the state again if no further message was merged into that ledger. An archive still contains the same ledger,
 * unless the ledger was empty.
 */
export function putBack(state: ShardState, { merged }: Recalled): void {
  for (const [key, before] of merged) {
    const ledger = state.attempts.get(key)
    if (ledger && mergedIn(ledger) === before) state.attempts.delete(key)
  }
}

/**
 * Returns the newest archived ledger of an attempt. Returns undefined if no archive contains a ledger of the attempt. Returns an error message if an
 * archive cannot be read.
 */
async function find(
  one: { slice: number; attempt: number },
  references: readonly ArchiveReference[],
  archives: ArchiveReader,
): Promise<AttemptLedger | string | undefined> {
  for (const reference of references.toReversed()) {
    if (!mayContain(reference, one.attempt)) continue
    const archive = await archives.read(reference.key)
    if (typeof archive === 'string') return archive
    const found = archive.attempts.get(keyOf(one)) ?? (await find(one, archive.archives, archives))
    if (found !== undefined) return found
  }
  return undefined
}

function mergedIn({ received: { next, missing } }: AttemptLedger): number {
  return next - missing.length
}
