import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BurstError } from '../../core/errors.ts'
import { importFile } from '../../import/import.ts'

export const folder = mkdtempSync(join(tmpdir(), 'burst-hostile-'))

/** Imports this file content. Returns the code of the scenario if the import succeeds; otherwise the message and the location of the error. */
export async function refusal(name: string, text: string | Uint8Array): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text)
  return importFile(file).then(
    ({ code }) => code,
    (error: BurstError) => `${error.message}${error.at === undefined ? '' : ` at ${error.at}`}`,
  )
}
