import { createHash } from 'node:crypto'
import { compactable, replaceSealed } from '../../core/shard/compaction.ts'
import { sealable } from '../../core/shard/shard-merge.ts'
import type { SealedWindow, ShardState } from '../../core/shard/shard.ts'
import { archiveDue } from '../archives/archive-writer.ts'
import { markSeconds } from '../../core/window/by-second.ts'
import { decodeWindow, encodeStoredWindow } from '../../core/window/codec/codec.ts'
import { mergeWindow } from '../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../core/window/window.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { type PlanFacts, startOf } from './memory.ts'

/** If the invocation has less than this many milliseconds left, compaction and archiving are postponed to a later merge. */
const enoughMs = 5000

/**
 * Moves each window that has ended (`sealable`) into an object, merges objects of one minute that has ended (`compactable`), and moves old ledgers
 * and references into archives. An object is valid only if the stored state refers to it.
 */
export async function sealDue(state: ShardState, { windowMs }: PlanFacts, env: Environment): Promise<void> {
  const startAt = await startOf(env.store, state.run, env.clock)
  if (startAt === undefined) return
  for (const window of sealable(state, { startAt, windowMs })) {
    const key = await putSealed(state, { window, content: state.open.get(window) as Window }, env)
    state.sealed.push({ window, key })
    state.open.delete(window)
  }
  if (env.remainingMs() < enoughMs) return
  const due = compactable(state, { startAt, windowMs })
  if (due.length > 0) await compact(state, due, { windowMs, env })
  // Archiving begins only if enough time is left to write the state afterwards.
  if (env.remainingMs() >= enoughMs) await archiveDue(state, { startAt, windowMs }, env)
}

/**
 * Merges objects of a minute into one object. If an object cannot be read, marks this object and merges nothing. The old objects are not deleted,
 * because a reader of an earlier state still needs them.
 */
async function compact(
  state: ShardState,
  due: readonly SealedWindow[],
  { windowMs, env }: { windowMs: number; env: Environment },
): Promise<void> {
  const contents = await Promise.all(due.map(async (one) => readSealed(one, env)))
  const gone = due.filter((_, k) => !contents[k])
  // Marks an unreadable object, so that it is not read again. The report names this object.
  for (const one of gone) one.unreadable = true
  if (gone.length > 0) return
  const merged = emptyWindow()
  due.forEach(({ window }, k) => {
    const content = contents[k] as Window
    markSeconds(content, window, windowMs)
    mergeWindow(merged, content)
  })
  const window = Math.min(...due.map((one) => one.window))
  replaceSealed(state, due, await putSealed(state, { window, content: merged }, env))
}

async function readSealed({ key }: SealedWindow, env: Environment): Promise<Window | undefined> {
  const stored = await env.store.get(key)
  try {
    return stored && decodeWindow(stored.body)
  } catch (error) {
    env.log('a sealed window cannot be read', { key, error: String(error) })
    return undefined
  }
}

async function putSealed(
  { run, shard }: ShardState,
  { window, content }: { window: number; content: Window },
  { store }: Environment,
): Promise<string> {
  const body = encodeStoredWindow(content)
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32)
  const key = keys.sealed(run, shard, window, hash)
  // Does not replace an existing object. The name of an object is the hash of its content, so an existing object has the same content.
  await store.put(key, body, { ifAbsent: true })
  return key
}
