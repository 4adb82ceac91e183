import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BurstError } from '../../core/errors.ts'
import { importFile } from '../../import/import.ts'

export const folder = mkdtempSync(join(tmpdir(), 'burst-hostile-'))

/** Imports this file content. Returns the message and the place of the error, or the code of the scenario if the import succeeds. */
export async function refusal(name: string, text: string | Uint8Array): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text)
  return importFile(file).then(
    ({ code }) => code,
    (error: BurstError) => `${error.message}${error.at === undefined ? '' : ` at ${error.at}`}`,
  )
}
