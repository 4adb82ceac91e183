import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BurstError } from '../../core/errors.ts'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'

/** The scenario's bundle as a file, its hash verified. */
export async function fetchBundle(hash: string, store: Store): Promise<{ file: string; remove: () => Promise<void> }> {
  const stored = await store.get(keys.bundle(hash))
  if (!stored) throw new BurstError('runFailed', `the scenario's bundle ${hash.slice(0, 12)} is not in the store`)
  const found = createHash('sha256').update(stored.body).digest('hex')
  if (found !== hash)
    throw new BurstError(
      'runFailed',
      `the scenario's bundle should be ${hash.slice(0, 12)} and is ${found.slice(0, 12)}`,
    )
  const folder = await mkdtemp(join(tmpdir(), 'burst-'))
  const file = join(folder, 'scenario.mjs')
  await writeFile(file, stored.body)
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}
