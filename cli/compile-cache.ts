import { createHash } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { enableCompileCache } from 'node:module'
import { extname, join } from 'node:path'
import { ownFolder } from '../functions/files/temporary.ts'
import { makeFolder } from '../functions/files/make-folder.ts'

/** The folder of compiled code, in burst's own folder. It has a folder for each installation of burst. */
export const compiledFolder = 'compiled'

/**
 * Lets Node keep the compiled form of the files that this thread loads from now on, so that the next start of burst takes less CPU time. Called only
 * by threads that load burst's own files. Node compares the content of a file with the content that it compiled, so a compiled form is never out of
 * date. Each file has at most one compiled form per version of Node.
 */
export async function keepCompiledCode(): Promise<void> {
  if (extname(import.meta.url) !== '.js') return
  try {
    const installation = createHash('sha256')
      .update(import.meta.url)
      .digest('hex')
      .slice(0, 12)
    const folder = join(await ownFolder(), compiledFolder, installation)
    await makeFolder(folder)
    const now = new Date()
    await utimes(folder, now, now)
    enableCompileCache(folder)
  } catch {
    // burst works without it. Commands that need the folder report that it is not usable.
  }
}
