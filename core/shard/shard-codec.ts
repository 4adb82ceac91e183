import { decode } from '../input/decode.ts'
import { encodeStoredWindow, stored } from '../window/codec/codec.ts'
import type { Window } from '../window/window.ts'
import { archiveSchema, shardSchema } from './shard-schema.ts'
import { isWhole } from './ledger.ts'
import type { Archive, ArchiveReference, AttemptLedger, ShardState } from './shard.ts'

/**
 * A cache of encoded open windows. The cache saves time, because the state of a shard is written at each merge, and most open windows have not
 * changed since the previous merge.
 */
const texts = new WeakMap<Window, string>()

/** Removes an open window from the cache. The caller must do this before the window changes. */
export function forgetText(window: Window): void {
  texts.delete(window)
}

export function encodeShardState(state: ShardState): string {
  const { open, attempts, archives, ...others } = state
  const rest = { ...others, archives: archives.map(encodeReference), attempts: encodeLedgers(attempts) }
  const windows = [...open].toSorted(([a], [b]) => a - b)
  const rows = windows.map(([window, content]) => `[${window},${textOf(content)}]`)
  return `${JSON.stringify(rest, stored).slice(0, -1)},"open":[${rows.join(',')}]}`
}

/**
 * Decodes the state of a shard.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decodeShardState(text: string): ShardState {
  return decode(shardSchema, text, 'the state of a shard')
}

export function encodeArchive({ v, attempts, sealed, archives }: Archive): string {
  const references = archives.map(encodeReference)
  return JSON.stringify({ v, attempts: encodeLedgers(attempts), sealed, archives: references }, stored)
}

/** @throws BurstError (97) that names the fault and its place in the JSON */
export function decodeArchive(text: string): Archive {
  return decode(archiveSchema, text, 'an archive of a shard')
}

function encodeReference({ key, level, firstAttempt, lastAttempt, lastWindow }: ArchiveReference): unknown {
  return [key, level, firstAttempt, lastAttempt, lastWindow]
}

function encodeLedgers(attempts: ReadonlyMap<string, AttemptLedger>): Map<string, unknown> {
  return new Map([...attempts].map(([key, ledger]) => [key, encodeLedger(ledger)]))
}

function textOf(content: Window): string {
  let text = texts.get(content)
  if (text === undefined) texts.set(content, (text = encodeStoredWindow(content)))
  return text
}

/**
 * Encodes a complete ledger in a short form, because a run of several hours has a ledger for each turn of each slice. Returns the ledger unchanged if
 * messages are missing, if the ledger contains a failure, or if the reported totals differ from the merged totals.
 */
function encodeLedger(ledger: AttemptLedger): unknown {
  const { slice, attempt, received, finalSequence, handedOver = false, totals, totalsSequence, merged } = ledger
  const isSame = totalsSequence === finalSequence && JSON.stringify(totals) === JSON.stringify(merged)
  if (!isWhole(ledger) || !isSame || ledger.failure !== null) return ledger
  const { firstWindow, lastWindow, lastSentAt, latestSecond, users, draining } = ledger
  const times = [firstWindow, lastWindow, lastSentAt, latestSecond, users, draining]
  return [slice, attempt, received.next - 1, Number(handedOver), totals, ...times]
}
