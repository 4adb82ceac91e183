import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { transform } from 'esbuild'
import type { BurstError } from '../../core/errors.ts'
import { importFile } from '../../import/import.ts'
import { snippets } from '../../import/scenario/snippets.ts'

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

/** Returns a function that importers copy into scenarios. */
export async function snippetFunction(name: string): Promise<(...given: unknown[]) => unknown> {
  const { code } = await transform(snippets[name]?.text ?? '', { loader: 'ts' })
  return runInThisContext(`(() => { ${code}; return ${name} })()`) as (...given: unknown[]) => unknown
}
