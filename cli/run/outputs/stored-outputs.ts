import { type OutputFile, keys, outputFiles } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'

/** Returns the files of a run's report from the store of the run. The key is the name of the file. */
export async function outputsOf(store: Store, run: string): Promise<Record<string, string>> {
  const read = async (file: OutputFile): Promise<[string, string][]> => {
    const stored = await store.get(keys.output(run, file))
    return stored ? [[file, stored.body]] : []
  }
  return Object.fromEntries((await Promise.all(outputFiles.map(read))).flat())
}

/** Returns the profiles and samples that the workers of a run wrote. The key is the name of the file. */
export async function workerFilesOf(store: Store, run: string): Promise<Record<string, string>> {
  const prefix = keys.workerFiles(run)
  const read = async (key: string): Promise<[string, string]> => {
    return [key.slice(prefix.length), (await store.get(key))?.body ?? '']
  }
  return Object.fromEntries(await Promise.all((await store.list(prefix)).map(read)))
}
